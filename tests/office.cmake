# Office documents.

# ---- which one it is
mugai_test(test_office_format SOURCES test_office_format.c LIBS mugai-office-format PkgConfig::ZLIB)

# ---- its jail
mugai_test(test_office_jail SOURCES test_office_jail.c LIBS mugai-cell)
target_include_directories(test_office_jail PRIVATE ${CMAKE_SOURCE_DIR}/render)
add_dependencies(test_office_jail mugai-office)
set_tests_properties(test_office_jail PROPERTIES LABELS jail)

# ---- flat ODF to text. office_text_batch prints the text of files from the command line (no test).
add_executable(office_text_batch office_text_batch.c)
target_link_libraries(office_text_batch PRIVATE mugai-office-text)
set_target_properties(office_text_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
mugai_test(test_office_text SOURCES test_office_text.c LIBS mugai-office-text)
