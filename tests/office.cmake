# Office documents.

# ---- which one it is
mugai_test(test_office_format SOURCES test_office_format.c LIBS mugai-office-format PkgConfig::ZLIB)

# ---- flat ODF to text. office_text_batch prints the text of files from the command line (no test).
add_executable(office_text_batch office_text_batch.c)
target_link_libraries(office_text_batch PRIVATE mugai-office-text)
set_target_properties(office_text_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
mugai_test(test_office_text SOURCES test_office_text.c LIBS mugai-office-text)

# ---- the trusted half, before a LibreOffice that lies
add_executable(mugai-office-liar jail/office_liar.c ${CMAKE_SOURCE_DIR}/render/render_profile.c)
target_include_directories(mugai-office-liar PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_link_libraries(mugai-office-liar PRIVATE mugai-cell-worker)
set_target_properties(mugai-office-liar PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
mugai_test(test_office_client SOURCES test_office_client.c LIBS mugai-office-client mugai-office-names)
target_compile_definitions(test_office_client PRIVATE LIAR_PATH="$<TARGET_FILE:mugai-office-liar>")
add_dependencies(test_office_client mugai-office-liar)
set_tests_properties(test_office_client PROPERTIES LABELS jail)
