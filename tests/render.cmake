# tests of rendering. draw_batch with a drawing function draws files from the command line (no test).
function(draw_batch name function library)
	add_executable(${name} draw_batch.c)
	target_compile_definitions(${name} PRIVATE DRAW=${function} DRAW_WARM_UP=${function}_warm_up)
	target_link_libraries(${name} PRIVATE ${library} PkgConfig::CAIRO)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# Sizes of pages, ink
mugai_test(test_draw_page SOURCES test_draw_page.c LIBS mugai-draw-page)

# PDF
draw_batch(draw_pdf_batch draw_pdf mugai-draw-pdf)
mugai_test(test_draw_pdf SOURCES test_draw_pdf.c LIBS mugai-draw-pdf)

# Images
draw_batch(draw_image_batch draw_image mugai-draw-image)
pkg_check_modules(WEBPMUX REQUIRED IMPORTED_TARGET libwebpmux)
mugai_test(test_draw_image SOURCES test_draw_image.c image_make.c
	LIBS mugai-draw-image PkgConfig::IMAGE PkgConfig::WEBPMUX ${GIF_LIBRARY})
if(NOT MUGAI_UNSAFE_SANITIZERS) # draw_batch limits its address space
	add_test(NAME image_differential
		COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/image_differential $<TARGET_FILE:draw_image_batch>)
endif()

# texts
draw_batch(draw_text_batch draw_text mugai-draw-text)
mugai_test(test_draw_text SOURCES test_draw_text.c LIBS mugai-draw-text)
target_link_libraries(test_draw_text PRIVATE PkgConfig::CAIRO)

# the writer of image PDFs
file(GLOB VERIFY_ACCEPTOR ${CMAKE_SOURCE_DIR}/sanitize/verify_*.c)
list(FILTER VERIFY_ACCEPTOR EXCLUDE REGEX verify_lock)
mugai_test(test_image_pdf SOURCES test_image_pdf.c ${VERIFY_ACCEPTOR} LIBS mugai-image-pdf PkgConfig::ZLIB PkgConfig::JPEG)
target_include_directories(test_image_pdf PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
add_executable(image_pdf_batch image_pdf_batch.c ${CMAKE_SOURCE_DIR}/sanitize/clean_text.c ${VERIFY_ACCEPTOR})
target_include_directories(image_pdf_batch PRIVATE ${CMAKE_SOURCE_DIR}/sanitize)
target_link_libraries(image_pdf_batch PRIVATE mugai-image-pdf mugai-draw-pdf PkgConfig::ZLIB)
set_target_properties(image_pdf_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

# The whole way of a document, through the jail.
add_executable(mugai-render-liar jail/render_liar.c ${CMAKE_SOURCE_DIR}/render/render_profile.c)
target_include_directories(mugai-render-liar PRIVATE ${CMAKE_SOURCE_DIR}/render)
target_link_libraries(mugai-render-liar PRIVATE mugai-cell-worker)
set_target_properties(mugai-render-liar PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
mugai_test(test_render SOURCES test_render.c render_direct.c LIBS mugai-render-client mugai-draw)
target_compile_definitions(test_render PRIVATE LIAR_PATH="$<TARGET_FILE:mugai-render-liar>")
add_dependencies(test_render mugai-render mugai-render-liar)
set_tests_properties(test_render PROPERTIES LABELS jail TIMEOUT 600)

# No test: see its head.
add_executable(render_batch render_batch.c)
target_compile_definitions(render_batch PRIVATE BIN_DIR="${CMAKE_BINARY_DIR}/bin")
target_link_libraries(render_batch PRIVATE mugai-render-client)
add_dependencies(render_batch mugai-render)
set_target_properties(render_batch PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

add_executable(image_pdf_samples image_pdf_samples.c)
target_link_libraries(image_pdf_samples PRIVATE mugai-image-pdf PkgConfig::CAIRO m)
set_target_properties(image_pdf_samples PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME image_pdf_readers COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/image_pdf_readers_test.py
	$<TARGET_FILE:image_pdf_samples>)

# What comes out of `mugai render`, looked at by other programs; and the whole corpus.
add_test(NAME render_formats COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/render_test.py ${CMAKE_BINARY_DIR}/bin)
set_tests_properties(render_formats PROPERTIES LABELS system)
add_test(NAME render_corpus COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/render_corpus ${CMAKE_BINARY_DIR})
set_tests_properties(render_corpus PROPERTIES LABELS "corpus;system" RUN_SERIAL ON TIMEOUT 300)
