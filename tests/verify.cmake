# tests of verify
set(VERIFY_CORE
	${CMAKE_SOURCE_DIR}/sanitize/verify_header.c ${CMAKE_SOURCE_DIR}/sanitize/verify_mime.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_text.c ${CMAKE_SOURCE_DIR}/sanitize/verify_unicode.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_lock.c ${CMAKE_SOURCE_DIR}/sanitize/verify_pdf.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_pdf_picture.c ${CMAKE_SOURCE_DIR}/sanitize/verify_pdf_jpeg.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_pdf_text.c ${CMAKE_SOURCE_DIR}/sanitize/verify_pdf_font.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_sha256.c)
mugai_test(test_verify SOURCES test_verify.c ${VERIFY_CORE} LIBS PkgConfig::GLIB PkgConfig::ZLIB)
target_include_directories(test_verify PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
add_dependencies(test_verify mugai-verify)
mugai_test(test_verify_pdf SOURCES test_verify_pdf.c ${VERIFY_CORE} LIBS PkgConfig::GLIB PkgConfig::ZLIB PkgConfig::JPEG)
target_include_directories(test_verify_pdf PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
add_dependencies(test_verify_pdf mugai-verify)
# where writer and checker meet
mugai_test(test_verify_written SOURCES test_verify_written.c ${CMAKE_SOURCE_DIR}/sanitize/clean_text.c ${VERIFY_CORE}
	LIBS mugai-image-pdf PkgConfig::GLIB PkgConfig::ZLIB)
target_include_directories(test_verify_written PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
