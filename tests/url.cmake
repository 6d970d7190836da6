# Against parsers that are not ours, where they are installed (tests/install test): ctest -L differential.
find_program(NODE node nodejs)
if(NODE)
	add_executable(differential_url differential.d/url.c)
	target_link_libraries(differential_url PRIVATE mugai-parse-code)
	set_target_properties(differential_url PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	add_test(NAME differential_url COMMAND ${NODE} ${CMAKE_CURRENT_SOURCE_DIR}/differential.d/url.mjs
		$<TARGET_FILE:differential_url> ${CMAKE_CURRENT_SOURCE_DIR}/corpus)
	set_tests_properties(differential_url PROPERTIES LABELS differential TIMEOUT 300)
endif()

pkg_check_modules(ICU QUIET IMPORTED_TARGET icu-i18n icu-uc)
if(ICU_FOUND)
	add_executable(differential_idn differential.d/idn.c)
	target_link_libraries(differential_idn PRIVATE mugai-parse-code PkgConfig::ICU)
	set_target_properties(differential_idn PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	add_test(NAME differential_idn COMMAND differential_idn)
	set_tests_properties(differential_idn PROPERTIES LABELS differential TIMEOUT 180)
endif()
