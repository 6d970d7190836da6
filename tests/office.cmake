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

# ---- LibreOffice, its home and its lock
mugai_test(test_office_flat SOURCES test_office_flat.c LIBS mugai-office-kit)
add_executable(office_direct office_direct.c)
target_link_libraries(office_direct PRIVATE mugai-office-kit mugai-cell-worker)
set_target_properties(office_direct PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_executable(office_batch office_batch.c)
target_compile_definitions(office_batch PRIVATE BIN_DIR="${CMAKE_BINARY_DIR}/bin")
target_include_directories(office_batch PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_link_libraries(office_batch PRIVATE mugai-cell)
add_dependencies(office_batch mugai-office)
set_target_properties(office_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
if(NOT MUGAI_UNSAFE_SANITIZERS) # what LibreOffice does is not ours to sanitize
	add_test(NAME office_kit COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/office_kit_test.py $<TARGET_FILE:office_direct>)
	set_tests_properties(office_kit PROPERTIES TIMEOUT 600)
endif()

# The whole way, both jails. No test: see its head.
add_executable(office_line office_line.c ${CMAKE_SOURCE_DIR}/sanitize/clean_text.c)
target_include_directories(office_line PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
target_compile_definitions(office_line PRIVATE BIN_DIR="${CMAKE_BINARY_DIR}/bin")
target_link_libraries(office_line PRIVATE mugai-office-client)
add_dependencies(office_line mugai-office mugai-render)
set_target_properties(office_line PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
if(NOT MUGAI_UNSAFE_SANITIZERS) # LibreOffice needs more address space than they leave
	add_test(NAME office_row COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/office_row ${CMAKE_BINARY_DIR})
	set_tests_properties(office_row PROPERTIES LABELS jail TIMEOUT 600)
	add_test(NAME office_corpus COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/office_corpus ${CMAKE_BINARY_DIR})
	set_tests_properties(office_corpus PROPERTIES LABELS "corpus;system" RUN_SERIAL ON SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()

# ---- the trusted half, before a LibreOffice that lies
add_executable(mugai-office-liar jail/office_liar.c ${CMAKE_SOURCE_DIR}/render/render_profile.c)
target_include_directories(mugai-office-liar PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_link_libraries(mugai-office-liar PRIVATE mugai-cell-worker)
set_target_properties(mugai-office-liar PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
mugai_test(test_office_client SOURCES test_office_client.c LIBS mugai-office-client mugai-office-names)
target_compile_definitions(test_office_client PRIVATE LIAR_PATH="$<TARGET_FILE:mugai-office-liar>")
add_dependencies(test_office_client mugai-office-liar)
set_tests_properties(test_office_client PROPERTIES LABELS jail)

# ---- documents of every format, and traps in each: what becomes of them. The pages are kept, to be looked at: tests/office_pages.
if(NOT MUGAI_UNSAFE_SANITIZERS) # what LibreOffice does is not ours to sanitize
	add_test(NAME office_table COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/office/table.py ${CMAKE_BINARY_DIR})
	set_tests_properties(office_table PROPERTIES LABELS "jail;system" RUN_SERIAL ON TIMEOUT 900)
endif()
