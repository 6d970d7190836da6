# tests of plain
mugai_test(test_plain SOURCES test_plain.c LIBS mugai-plain)

# Seeds and past findings of every fuzzer, as ordinary tests.
if(NOT MUGAI_FUZZ)
	include(${CMAKE_SOURCE_DIR}/fuzz/replay.cmake)
endif()
