# Faults in real mail traffic (tests/faults), one test for each group of them; and what it is made of.
add_executable(mugai-brittle ${CMAKE_SOURCE_DIR}/sanitize/mugai_parse.c ${CMAKE_SOURCE_DIR}/sanitize/parse_worker.c
	jail/brittle_parse.c)
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
add_test(NAME faults_verdict COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/smtp/test_faults.py ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(faults_verdict PROPERTIES LABELS system RUN_SERIAL ON TIMEOUT 300)

# The program itself knows which faults there are.
execute_process(COMMAND ${PYTHON3} -B ${FAULTS} ${CMAKE_BINARY_DIR}/bin --list
	OUTPUT_VARIABLE FAULT_LINES OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(GLOB FAULT_FILES ${CMAKE_CURRENT_SOURCE_DIR}/smtp/faults_*.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FAULTS} ${FAULT_FILES})
string(REGEX MATCHALL "[a-z]+\t" FAULT_GROUPS "${FAULT_LINES}")
list(TRANSFORM FAULT_GROUPS STRIP)
list(REMOVE_DUPLICATES FAULT_GROUPS)
set(FAULT_TESTS)
foreach(group ${FAULT_GROUPS})
	add_test(NAME faults_${group} COMMAND ${PYTHON3} -B ${FAULTS} ${CMAKE_BINARY_DIR}/bin ${group})
	list(APPEND FAULT_TESTS faults_${group})
endforeach()
# tests/run leaves these out and runs tests/faults itself, for its table.
set_tests_properties(${FAULT_TESTS} PROPERTIES LABELS "system;faults" RUN_SERIAL ON TIMEOUT 300)
