# The pipeline, with an honest parser and with one that lies.
add_executable(mugai-liar jail/liar_worker.c)
target_link_libraries(mugai-liar PRIVATE mugai-cell-worker)
target_include_directories(mugai-liar PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
set_target_properties(mugai-liar PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

mugai_test(test_sanitize SOURCES test_sanitize.c LIBS mugai-sanitize)
target_compile_definitions(test_sanitize PRIVATE PARSE_PATH="$<TARGET_FILE:mugai-parse>"
	LIAR_PATH="$<TARGET_FILE:mugai-liar>" VERIFY_PATH="$<TARGET_FILE:mugai-verify>")
add_dependencies(test_sanitize mugai-parse mugai-liar mugai-verify)

mugai_test(test_alarm SOURCES test_alarm.c LIBS mugai-sanitize)
mugai_test(test_policy SOURCES test_policy.c LIBS mugai-sanitize)
mugai_test(test_conversion SOURCES test_conversion.c LIBS mugai-sanitize)

mugai_test(test_slots SOURCES test_slots.c LIBS mugai-sanitize)
mugai_test(test_convert_pool SOURCES test_convert_pool.c LIBS mugai-sanitize)
mugai_test(test_convert_claims SOURCES test_convert_claims.c LIBS mugai-sanitize)
