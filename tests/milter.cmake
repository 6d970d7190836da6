# tests of milter: sessions and replies without libmilter, then the daemon as a process.
set(MILTER_DIR ${CMAKE_SOURCE_DIR}/milter)
mugai_test(test_session SOURCES test_session.c ${MILTER_DIR}/session.c LIBS mugai-sanitize)
mugai_test(test_reply SOURCES test_reply.c ${MILTER_DIR}/reply.c ${MILTER_DIR}/session.c ${MILTER_DIR}/submit.c
	${MILTER_DIR}/status_board.c
	${MILTER_DIR}/json.c ${MILTER_DIR}/machine.c ${MILTER_DIR}/totals.c ${MILTER_DIR}/probe.c
	LIBS mugai-sanitize)
mugai_test(test_submit SOURCES test_submit.c ${MILTER_DIR}/submit.c LIBS mugai-sanitize)
foreach(name test_session test_reply test_submit)
	target_include_directories(${name} PRIVATE ${MILTER_DIR} ${MILTER_INCLUDE})
endforeach()

add_test(NAME mugaid COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/mugaid_test.py ${CMAKE_BINARY_DIR}/bin
	$<TARGET_FILE:mugai-liar>)
set_tests_properties(mugaid PROPERTIES LABELS system RUN_SERIAL ON TIMEOUT 900)
add_test(NAME characters COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/characters_test.py ${CMAKE_BINARY_DIR}/bin)
add_test(NAME names COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/names_test.py ${CMAKE_BINARY_DIR}/bin)
add_test(NAME mugai COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/mugai_test.py ${CMAKE_BINARY_DIR}/bin
	$<TARGET_FILE:mugai-liar>)
set_tests_properties(mugai PROPERTIES LABELS system RUN_SERIAL ON TIMEOUT 180)
