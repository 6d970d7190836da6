# tests of verify
set(VERIFY_CORE
	${CMAKE_SOURCE_DIR}/sanitize/verify_header.c ${CMAKE_SOURCE_DIR}/sanitize/verify_mime.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_text.c ${CMAKE_SOURCE_DIR}/sanitize/verify_unicode.c
	${CMAKE_SOURCE_DIR}/sanitize/verify_lock.c)
mugai_test(test_verify SOURCES test_verify.c ${VERIFY_CORE} LIBS PkgConfig::GLIB)
target_include_directories(test_verify PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
add_dependencies(test_verify mugai-verify)
