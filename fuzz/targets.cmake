# The fuzz targets: mugai_fuzz(NAME "sources beside fuzz_NAME.c" "libraries"). The includer
# defines mugai_fuzz: fuzz/CMakeLists.txt for libFuzzer, replay.cmake for the replay tests.
set(sanitize ${CMAKE_SOURCE_DIR}/sanitize)

# mugai-verify is a program and shares no code: its acceptor is built in, but for its main.
set(verify_sources ${sanitize}/verify_header.c ${sanitize}/verify_mime.c ${sanitize}/verify_text.c
	${sanitize}/verify_unicode.c ${sanitize}/verify_pdf.c ${sanitize}/verify_pdf_picture.c ${sanitize}/verify_pdf_jpeg.c
	${sanitize}/verify_pdf_text.c ${sanitize}/verify_pdf_font.c ${sanitize}/verify_sha256.c)

macro(mugai_fuzz_if_there name sources libs)
	if(EXISTS ${CMAKE_SOURCE_DIR}/fuzz/fuzz_${name}.c)
		mugai_fuzz(${name} "${sources}" "${libs}")
	endif()
endmacro()

mugai_fuzz_if_there(plain_decode "" "mugai-plain")
mugai_fuzz_if_there(plain_check "" "mugai-plain")
mugai_fuzz_if_there(alarm "" "mugai-sanitize")
mugai_fuzz_if_there(conf "" "mugai-conf")
mugai_fuzz_if_there(verify "${verify_sources}" "PkgConfig::GLIB;PkgConfig::ZLIB")
mugai_fuzz_if_there(verify_pdf "${verify_sources}" "PkgConfig::GLIB;PkgConfig::ZLIB;PkgConfig::JPEG")
mugai_fuzz_if_there(assemble "${verify_sources}" "mugai-sanitize;PkgConfig::ZLIB")
mugai_fuzz_if_there(parse_headers "" "mugai-parse-code")
mugai_fuzz_if_there(parse_mime "" "mugai-parse-code")
mugai_fuzz_if_there(html_style "" "mugai-parse-code;m")
mugai_fuzz_if_there(html_url "" "mugai-parse-code;m")
mugai_fuzz_if_there(html_token "" "mugai-parse-code")
mugai_fuzz_if_there(whole "${verify_sources}" "mugai-sanitize;mugai-parse-code;PkgConfig::ZLIB")
mugai_fuzz_if_there(charset "" "mugai-parse-code")
mugai_fuzz_if_there(parse_text "" "mugai-parse-code")
mugai_fuzz_if_there(parse_words "" "mugai-parse-code")
mugai_fuzz_if_there(html_text "" "mugai-parse-code")
mugai_fuzz_if_there(parse_address "" "mugai-sanitize;mugai-parse-code")
mugai_fuzz_if_there(parse_date "" "mugai-sanitize;mugai-parse-code")
mugai_fuzz_if_there(parse_parameter "" "mugai-sanitize;mugai-parse-code")
mugai_fuzz_if_there(image_pdf "${verify_sources};${sanitize}/clean_text.c" "mugai-image-pdf;PkgConfig::ZLIB")

mugai_fuzz_if_there(draw_image "" "mugai-draw-image")
mugai_fuzz_if_there(draw_text "" "mugai-draw-text")
mugai_fuzz_if_there(office_format "" "mugai-office-format")
mugai_fuzz_if_there(office_flat "" "mugai-office-kit")
mugai_fuzz_if_there(office_text "" "mugai-office-text")
