# Faults in real mail traffic (tests/faults), one test for each group of them; and what it is made of.
add_executable(mugai-brittle ${CMAKE_SOURCE_DIR}/sanitize/parse_worker.c jail/brittle_parse.c)
target_link_libraries(mugai-brittle PRIVATE mugai-parse-code mugai-cell-worker)
target_include_directories(mugai-brittle PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
target_link_options(mugai-brittle PRIVATE -Wl,--wrap=parse_message)
add_library(clock_shim MODULE clock_shim.c)
target_compile_options(clock_shim PRIVATE -fPIC)
set_target_properties(mugai-brittle PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
set_target_properties(clock_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

set(FAULTS ${CMAKE_CURRENT_SOURCE_DIR}/faults)
add_test(NAME sink COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/smtp/test_sink.py)
set_tests_properties(sink PROPERTIES LABELS system RUN_SERIAL ON TIMEOUT 60)
