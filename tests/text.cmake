# tests of parse_text: one text into clean text, the files inside it, and the comparison of two forms
mugai_test(test_parse_text SOURCES test_parse_text.c LIBS mugai-parse-code)
mugai_test(test_parse_blocks SOURCES test_parse_blocks.c LIBS mugai-parse-code)
mugai_test(test_parse_compare SOURCES test_parse_compare.c LIBS mugai-parse-code)
