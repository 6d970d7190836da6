# Hostile and ordinary mail through the real program. These keep two cores busy for a minute or two each, and
# measure time: nothing else may run beside them.
set(EVASION_DIR ${CMAKE_CURRENT_SOURCE_DIR}/evasion)
add_test(NAME evasion COMMAND ${PYTHON3} -B ${EVASION_DIR}/check.py --bin ${CMAKE_BINARY_DIR}/bin)
add_test(NAME corpus COMMAND ${PYTHON3} -B ${EVASION_DIR}/corpus.py --bin ${CMAKE_BINARY_DIR}/bin)
add_test(NAME evasion_policies COMMAND ${PYTHON3} -B ${EVASION_DIR}/policies.py --bin ${CMAKE_BINARY_DIR}/bin)
add_test(NAME test_evasion_tools COMMAND ${PYTHON3} -B ${EVASION_DIR}/test_tools.py ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(evasion corpus test_evasion_tools PROPERTIES
	LABELS "corpus;system" RUN_SERIAL ON TIMEOUT 300)
set_tests_properties(evasion_policies PROPERTIES LABELS "corpus;system" RUN_SERIAL ON TIMEOUT 1500)
