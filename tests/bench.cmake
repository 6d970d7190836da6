# tests/bench --html: beside two other parsers, which nothing that is shipped links (tests/install bench).
pkg_check_modules(GUMBO QUIET IMPORTED_TARGET gumbo)
pkg_check_modules(XML2 QUIET IMPORTED_TARGET libxml-2.0)
if(GUMBO_FOUND AND XML2_FOUND)
	add_executable(bench_html bench.d/html.c)
	target_link_libraries(bench_html PRIVATE mugai-parse-code PkgConfig::GUMBO PkgConfig::XML2 Threads::Threads)
	mugai_whole_program(bench_html)
	set_target_properties(bench_html PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()

# tests/bench --render: through the jail, and without one.
add_executable(bench_render bench.d/render.c render_direct.c)
target_include_directories(bench_render PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(bench_render PRIVATE mugai-render-client mugai-draw PkgConfig::ZLIB)
add_dependencies(bench_render mugai-render)
set_target_properties(bench_render PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
