# tests of HTML: tokens, styles, addresses, text, layout, golden cases, defanged links
mugai_test(test_html_token SOURCES test_html_token.c LIBS mugai-parse-code)
mugai_test(test_html_entities SOURCES test_html_entities.c LIBS mugai-parse-code)
mugai_test(test_html_style SOURCES test_html_style.c LIBS mugai-parse-code)
mugai_test(test_html_sheet SOURCES test_html_sheet.c LIBS mugai-parse-code)
mugai_test(test_html_url SOURCES test_html_url.c LIBS mugai-parse-code)
mugai_test(test_html_text SOURCES test_html_text.c LIBS mugai-parse-code)
mugai_test(test_html_layout SOURCES test_html_layout.c LIBS mugai-parse-code)
mugai_test(test_golden_html SOURCES test_golden_html.c LIBS mugai-parse-code)
mugai_test(test_defang SOURCES test_defang.c LIBS mugai-parse-code)

# Visible text against parse5 (Debian: node-parse5), of the corpus and of generated HTML.
add_executable(html_text_frames html_text_frames.c)
target_link_libraries(html_text_frames PRIVATE mugai-parse-code)
set_target_properties(html_text_frames PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME differential COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/differential ${CMAKE_BINARY_DIR})
set_tests_properties(differential PROPERTIES LABELS differential TIMEOUT 300)

# What is seen, reckoned a second time.
add_executable(html_batch html_batch.c)
target_link_libraries(html_batch PRIVATE mugai-parse-code)
set_target_properties(html_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME style_differential COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/style_differential.py $<TARGET_FILE:html_batch>)
set_tests_properties(style_differential PROPERTIES LABELS differential)
