# tests of the sentences of the notice: what a file of them may hold. What becomes of them: test_assemble.
mugai_test(test_notices SOURCES test_notices.c LIBS mugai-conf)
