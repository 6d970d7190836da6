# Office documents.

# ---- which one it is
mugai_test(test_office_format SOURCES test_office_format.c LIBS mugai-office-format PkgConfig::ZLIB)
