# tests of conf
mugai_test(test_conf SOURCES test_conf.c LIBS mugai-conf)
mugai_test(test_policy_load SOURCES test_policy_load.c LIBS mugai-conf)
