# Office documents.

# ---- which one it is
mugai_test(test_office_format SOURCES test_office_format.c LIBS mugai-office-format PkgConfig::ZLIB)

# Documents of every format and traps in each: what becomes of them. The pages are kept, to be looked at: tests/office_pages.
if(NOT MUGAI_UNSAFE_SANITIZERS) # what LibreOffice does is not ours to sanitize
	add_test(NAME office_table COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/office/table.py ${CMAKE_BINARY_DIR})
	set_tests_properties(office_table PROPERTIES LABELS "jail;system" RUN_SERIAL ON TIMEOUT 900)
endif()
