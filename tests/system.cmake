# Tests of the whole: laws of the tree, and real Postfix with mugaid. Each has a laboratory of its own and waits most of
# its time, so that two run at once.

add_executable(bench_milter bench.d/milter.c)
target_include_directories(bench_milter PRIVATE ${MILTER_INCLUDE})
target_link_libraries(bench_milter PRIVATE PkgConfig::GLIB ${MILTER_LIBRARY} Threads::Threads)
set_target_properties(bench_milter PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

set(HERE ${CMAKE_CURRENT_SOURCE_DIR})
add_test(NAME layers COMMAND ${PYTHON3} -B ${HERE}/check_layers ${CMAKE_SOURCE_DIR})
add_test(NAME layers_self_test COMMAND ${PYTHON3} -B ${HERE}/check_layers --self-test ${CMAKE_SOURCE_DIR})
add_test(NAME symbols COMMAND ${PYTHON3} -B ${HERE}/check_symbols ${CMAKE_BINARY_DIR}/bin)
add_test(NAME symbols_self_test
	COMMAND ${PYTHON3} -B ${HERE}/check_symbols --self-test ${CMAKE_BINARY_DIR} ${CMAKE_C_COMPILER})
add_test(NAME shell COMMAND ${SHELLCHECK} ${HERE}/lab ${HERE}/install ${HERE}/demo ${HERE}/run ${CMAKE_SOURCE_DIR}/.ci/run)
set(SYSTEM_TESTS layers layers_self_test symbols symbols_self_test shell lab demo)
add_test(NAME demo COMMAND ${PYTHON3} -B ${HERE}/smtp/test_demo.py ${CMAKE_BINARY_DIR}/bin)
add_test(NAME lab COMMAND ${PYTHON3} -B ${HERE}/smtp/test_lab.py $<TARGET_FILE:bench_milter>)

# One test for each scenario; the program itself knows which there are.
execute_process(COMMAND ${PYTHON3} -B ${HERE}/smtp/test_end_to_end.py --list
	OUTPUT_VARIABLE SCENARIOS OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${HERE}/smtp/test_end_to_end.py
	${HERE}/smtp/scenes_authentication.py ${HERE}/smtp/scenes_border.py
	${HERE}/smtp/scenes_documents.py)
string(REPLACE "\n" ";" SCENARIOS "${SCENARIOS}")
foreach(scenario ${SCENARIOS})
	add_test(NAME end_to_end_${scenario}
		COMMAND ${PYTHON3} -B ${HERE}/smtp/test_end_to_end.py ${CMAKE_BINARY_DIR}/bin ${scenario})
	list(APPEND SYSTEM_TESTS end_to_end_${scenario})
endforeach()
set_tests_properties(${SYSTEM_TESTS} PROPERTIES LABELS system TIMEOUT 180)
# Many laboratories, one after the other.
set_tests_properties(lab PROPERTIES TIMEOUT 300)
# Nothing is lost, doubled or held on to under parallel load; its figures are for who runs tests/load by hand.
add_test(NAME load COMMAND ${PYTHON3} -B ${HERE}/load --parts steady,overload --mails 1500 ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(load PROPERTIES LABELS system RUN_SERIAL ON TIMEOUT 300)
