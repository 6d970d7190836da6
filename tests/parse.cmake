# tests of parse: the jailed parser's own parts, run here without a jail
mugai_test(test_charset SOURCES test_charset.c LIBS mugai-parse-code)
mugai_test(test_parse_words SOURCES test_parse_words.c LIBS mugai-parse-code)
mugai_test(test_parse_address SOURCES test_parse_address.c LIBS mugai-parse-code)
mugai_test(test_parse_date SOURCES test_parse_date.c LIBS mugai-parse-code)
mugai_test(test_parse_signs SOURCES test_parse_signs.c ${CMAKE_SOURCE_DIR}/sanitize/message.c LIBS mugai-parse-code)
mugai_test(test_parse_auth SOURCES test_parse_auth.c LIBS mugai-parse-code)
mugai_test(test_parse_mime SOURCES test_parse_mime.c LIBS mugai-parse-code)

add_executable(bench_headers bench.d/headers.c)
target_link_libraries(bench_headers PRIVATE mugai-parse-code)
set_target_properties(bench_headers PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
