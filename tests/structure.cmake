# tests of structure: where parts begin and end, and how they are decoded
mugai_test(test_parse_structure SOURCES test_parse_structure.c LIBS mugai-parse-code)
mugai_test(test_parse_decode SOURCES test_parse_decode.c LIBS mugai-parse-code)
