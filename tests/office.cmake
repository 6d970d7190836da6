# Office documents.

# ---- which one it is
mugai_test(test_office_format SOURCES test_office_format.c LIBS mugai-office-format PkgConfig::ZLIB)

# ---- its jail
mugai_test(test_office_jail SOURCES test_office_jail.c LIBS mugai-cell)
target_include_directories(test_office_jail PRIVATE ${CMAKE_SOURCE_DIR}/render)
add_dependencies(test_office_jail mugai-office)
set_tests_properties(test_office_jail PROPERTIES LABELS jail)
