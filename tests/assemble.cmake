# tests of assemble: the writers alone, so that no other part of the pipeline is needed.
set(MUGAI_ASSEMBLE_DIR ${CMAKE_SOURCE_DIR}/sanitize)
mugai_test(test_clean_text SOURCES test_clean_text.c ${MUGAI_ASSEMBLE_DIR}/clean_text.c LIBS PkgConfig::GLIB)
target_include_directories(test_clean_text PRIVATE ${MUGAI_ASSEMBLE_DIR})
mugai_test(test_assemble
	SOURCES test_assemble.c ${MUGAI_ASSEMBLE_DIR}/clean_text.c ${MUGAI_ASSEMBLE_DIR}/message.c
		${MUGAI_ASSEMBLE_DIR}/assemble.c ${MUGAI_ASSEMBLE_DIR}/assemble_headers.c
		${MUGAI_ASSEMBLE_DIR}/assemble_mime.c ${MUGAI_ASSEMBLE_DIR}/assemble_text.c ${MUGAI_ASSEMBLE_DIR}/notice.c
		${MUGAI_ASSEMBLE_DIR}/assemble_attach.c ${MUGAI_ASSEMBLE_DIR}/conversion.c
		${MUGAI_ASSEMBLE_DIR}/verify_header.c ${MUGAI_ASSEMBLE_DIR}/verify_mime.c
		${MUGAI_ASSEMBLE_DIR}/verify_text.c ${MUGAI_ASSEMBLE_DIR}/verify_unicode.c
		${MUGAI_ASSEMBLE_DIR}/verify_pdf.c ${MUGAI_ASSEMBLE_DIR}/verify_pdf_picture.c
		${MUGAI_ASSEMBLE_DIR}/verify_pdf_jpeg.c ${MUGAI_ASSEMBLE_DIR}/verify_pdf_text.c
		${MUGAI_ASSEMBLE_DIR}/verify_pdf_font.c ${MUGAI_ASSEMBLE_DIR}/verify_sha256.c
	LIBS mugai-render-client mugai-conf PkgConfig::ZLIB)
target_include_directories(test_assemble PRIVATE ${MUGAI_ASSEMBLE_DIR})
