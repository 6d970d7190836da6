# tests of charset: without a label, which character set?
mugai_test(test_charset_score SOURCES test_charset_score.c LIBS mugai-parse-code)

# Reads thousands of texts for the tests in Python, and for charset_scorer.
add_executable(charset_lines charset_lines.c)
target_link_libraries(charset_lines PRIVATE mugai-parse-code)
set_target_properties(charset_lines PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME charset_sets COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/charset_test.py ${CMAKE_BINARY_DIR})
add_test(NAME charset_mails COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/charset_mails.py ${CMAKE_BINARY_DIR}/bin)

add_executable(bench_charset bench.d/charset.c)
target_link_libraries(bench_charset PRIVATE mugai-parse-code)
set_target_properties(bench_charset PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
