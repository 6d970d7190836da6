# SOURCE (scdoc) -> TARGET, with the line "%SETTINGS%" replaced by what the program says of its settings.
file(READ ${SOURCE} text)
if(text MATCHES "%SETTINGS%")
	execute_process(COMMAND ${MUGAI} check --defaults OUTPUT_VARIABLE settings COMMAND_ERROR_IS_FATAL ANY)
	string(REPLACE "%SETTINGS%\n" "${settings}" text "${text}")
endif()
file(WRITE ${TARGET}.scd "${text}")
execute_process(COMMAND ${SCDOC} INPUT_FILE ${TARGET}.scd OUTPUT_FILE ${TARGET} COMMAND_ERROR_IS_FATAL ANY)
