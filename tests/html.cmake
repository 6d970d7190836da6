# tests of HTML: tokens, styles, addresses, text
mugai_test(test_html_token SOURCES test_html_token.c LIBS mugai-parse-code)
mugai_test(test_html_entities SOURCES test_html_entities.c LIBS mugai-parse-code)
mugai_test(test_html_style SOURCES test_html_style.c LIBS mugai-parse-code)
mugai_test(test_html_sheet SOURCES test_html_sheet.c LIBS mugai-parse-code)
mugai_test(test_html_url SOURCES test_html_url.c LIBS mugai-parse-code)
mugai_test(test_html_text SOURCES test_html_text.c LIBS mugai-parse-code)
