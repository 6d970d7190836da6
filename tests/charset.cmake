# tests of charset: without a label, which character set?
mugai_test(test_charset_score SOURCES test_charset_score.c LIBS mugai-parse-code)
