# embed.cmake: the bytes of OUT's inputs as C arrays. -D OUT=FILE.h -D NAMES=a;b -D FILES=a.yaml;b.yaml
# The shipped file and the built-in text can then not differ.
set(text "")
foreach(name file IN ZIP_LISTS NAMES FILES)
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
	string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
	string(APPEND text "static const unsigned char ${name}[] = {\n${bytes}\n};\n")
endforeach()
file(WRITE ${OUT} "${text}")
