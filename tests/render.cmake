# tests of render
mugai_test(test_image_pdf SOURCES test_image_pdf.c LIBS mugai-image-pdf PkgConfig::ZLIB PkgConfig::JPEG)
