# The cell: jail, supervisor, arena, with a prisoner that misbehaves.
add_executable(mugai-probe jail/probe_worker.c jail/probes.c)
target_link_libraries(mugai-probe PRIVATE mugai-cell-worker)
target_compile_options(mugai-probe PRIVATE -Wno-infinite-recursion -Wno-array-bounds)
set_target_properties(mugai-probe PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
# The same prisoner in the jail of mugai-render.
add_executable(mugai-probe-render jail/probe_worker.c jail/probes.c ${CMAKE_SOURCE_DIR}/render/render_profile.c)
target_include_directories(mugai-probe-render PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_compile_definitions(mugai-probe-render PRIVATE PROBE_RENDER)
target_link_libraries(mugai-probe-render PRIVATE mugai-cell-worker)
target_compile_options(mugai-probe-render PRIVATE -Wno-infinite-recursion -Wno-array-bounds)
set_target_properties(mugai-probe-render PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

# And in the jail of mugai-office, which has threads and files of its own.
add_executable(mugai-probe-office jail/probe_worker.c jail/probes.c ${CMAKE_SOURCE_DIR}/render/office_profile.c)
target_include_directories(mugai-probe-office PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_compile_definitions(mugai-probe-office PRIVATE PROBE_OFFICE)
target_link_libraries(mugai-probe-office PRIVATE mugai-cell-code)
target_compile_options(mugai-probe-office PRIVATE -Wno-infinite-recursion -Wno-array-bounds)
set_target_properties(mugai-probe-office PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

mugai_test(test_cell SOURCES test_cell.c jail/probes.c LIBS mugai-cell)
target_compile_definitions(test_cell PRIVATE PROBE_PATH="$<TARGET_FILE:mugai-probe>")
add_dependencies(test_cell mugai-probe mugai-probe-render mugai-probe-office)
# Once more with jails that run as another user than the one who started it, as the daemon does.
add_test(NAME test_cell_other_user COMMAND test_cell --user 65534)
# Whether a deadline found a child busy or idle is told by its CPU time: nothing else may run beside it.
set_tests_properties(test_cell test_cell_other_user PROPERTIES LABELS jail RUN_SERIAL ON)

add_executable(bench_child bench.d/bench_child.c)
target_link_libraries(bench_child PRIVATE mugai-cell)
set_target_properties(bench_child PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

# The jail under the restrictions of the systemd unit.
add_executable(confine unit/confine.c)
target_link_libraries(confine PRIVATE PkgConfig::SECCOMP)
set_target_properties(confine PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME unit COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/check_unit
	${CMAKE_SOURCE_DIR}/conf/systemd/mugaid.service ${CMAKE_BINARY_DIR}/bin ${CMAKE_BINARY_DIR}/tests)
add_test(NAME refusal COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/check_unit --refusal ${CMAKE_BINARY_DIR}/bin
	${CMAKE_BINARY_DIR}/tests)
set_tests_properties(unit refusal PROPERTIES LABELS "system;jail" RUN_SERIAL ON TIMEOUT 180)
