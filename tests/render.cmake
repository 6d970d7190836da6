# tests of rendering. draw_batch with a drawing function draws files from the command line (no test).
function(draw_batch name function library)
	add_executable(${name} draw_batch.c)
	target_compile_definitions(${name} PRIVATE DRAW=${function} DRAW_WARM_UP=${function}_warm_up)
	target_link_libraries(${name} PRIVATE ${library} PkgConfig::CAIRO)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# PDF
draw_batch(draw_pdf_batch draw_pdf mugai-draw-pdf)

# The whole way of a document, through the jail.
if(TARGET mugai-image-pdf)
	add_executable(mugai-render-liar jail/render_liar.c ${CMAKE_SOURCE_DIR}/render/render_profile.c)
	target_include_directories(mugai-render-liar PRIVATE ${CMAKE_SOURCE_DIR}/render)
	target_link_libraries(mugai-render-liar PRIVATE mugai-cell-worker)
	set_target_properties(mugai-render-liar PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	mugai_test(test_render SOURCES test_render.c LIBS mugai-render-client mugai-draw)
	target_compile_definitions(test_render PRIVATE LIAR_PATH="$<TARGET_FILE:mugai-render-liar>")
	add_dependencies(test_render mugai-render mugai-render-liar)
	set_tests_properties(test_render PROPERTIES LABELS jail TIMEOUT 600)

	# No test: see its head.
	add_executable(render_batch render_batch.c)
	target_compile_definitions(render_batch PRIVATE BIN_DIR="${CMAKE_BINARY_DIR}/bin")
	target_link_libraries(render_batch PRIVATE mugai-render-client)
	add_dependencies(render_batch mugai-render)
	set_target_properties(render_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
