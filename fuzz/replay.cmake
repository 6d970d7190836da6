# replay_NAME: a fuzz target over its seeds and all that ever broke it, in any build.
function(mugai_fuzz name sources libs)
	set(fuzz ${CMAKE_SOURCE_DIR}/fuzz)
	add_executable(replay_${name} ${fuzz}/replay_main.c ${fuzz}/fuzz_${name}.c ${sources})
	target_include_directories(replay_${name} PRIVATE ${CMAKE_SOURCE_DIR}/sanitize ${CMAKE_SOURCE_DIR}/tests)
	target_link_libraries(replay_${name} PRIVATE PkgConfig::GLIB ${libs})
	set_target_properties(replay_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	add_test(NAME replay_${name} COMMAND replay_${name} ${fuzz}/seeds/${name} ${fuzz}/crashes/${name})
endfunction()

include(${CMAKE_SOURCE_DIR}/fuzz/targets.cmake)
