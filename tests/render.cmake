# tests of rendering. draw_batch with a drawing function draws files from the command line (no test).
function(draw_batch name function library)
	add_executable(${name} draw_batch.c)
	target_compile_definitions(${name} PRIVATE DRAW=${function} DRAW_WARM_UP=${function}_warm_up)
	target_link_libraries(${name} PRIVATE ${library} PkgConfig::CAIRO)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# PDF
draw_batch(draw_pdf_batch draw_pdf mugai-draw-pdf)

# Images
draw_batch(draw_image_batch draw_image mugai-draw-image)
pkg_check_modules(WEBPMUX REQUIRED IMPORTED_TARGET libwebpmux)
mugai_test(test_draw_image SOURCES test_draw_image.c image_make.c
	LIBS mugai-draw-image PkgConfig::IMAGE PkgConfig::WEBPMUX ${GIF_LIBRARY})
