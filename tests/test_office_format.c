/* office_format: documents that are built here, each as small as its format allows. */
#include "office_format_priv.h"

#include <string.h>
#include <zlib.h>

/* ---- zip ----------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name, *text;
} File;

enum { FILES = 8, STORED = 0, DEFLATED = 8 };

static void put(GByteArray *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t byte = i < sizeof value ? (uint8_t)(value >> 8 * i) : 0;
		g_byte_array_append(out, &byte, 1);
	}
}

static void put_text(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const uint8_t *)text, (guint)strlen(text));
}

static GByteArray *packed(const char *text, unsigned method)
{
	GByteArray *out = g_byte_array_new();
	if (method == STORED) {
		put_text(out, text);
		return out;
	}
	g_byte_array_set_size(out, (guint)(strlen(text) + 100));
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)strlen(text), .next_out = out->data, .avail_out = out->len };
	g_assert_cmpint(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
	g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
	g_byte_array_set_size(out, (guint)stream.total_out);
	deflateEnd(&stream);
	return out;
}

static void put_file(GByteArray *out, GByteArray *directory, const File *file, unsigned method, bool wide)
{
	g_autoptr(GByteArray) data = packed(file->text, method);
	guint at = out->len;
	uint32_t size = wide ? UINT32_MAX : data->len;
	put_text(out, "PK\003\004");
	put(out, 20, 2), put(out, 0, 2), put(out, method, 2), put(out, 0, 8);
	put(out, data->len, 4), put(out, strlen(file->text), 4), put(out, strlen(file->name), 2), put(out, 0, 2);
	put_text(out, file->name);
	g_byte_array_append(out, data->data, data->len);
	put_text(directory, "PK\001\002");
	put(directory, 20, 2), put(directory, 20, 2), put(directory, 0, 2), put(directory, method, 2), put(directory, 0, 8);
	put(directory, size, 4), put(directory, wide ? UINT32_MAX : strlen(file->text), 4);
	put(directory, strlen(file->name), 2), put(directory, wide ? 28 : 0, 2), put(directory, 0, 10);
	put(directory, wide ? UINT32_MAX : at, 4);
	put_text(directory, file->name);
	if (wide)
		put(directory, 1, 2), put(directory, 24, 2), put(directory, strlen(file->text), 8), put(directory, data->len, 8),
		        put(directory, at, 8);
}

/* wide: with the fields of large archives. */
static GByteArray *zip_of(const File *files, unsigned method, bool wide)
{
	GByteArray *out = g_byte_array_new();
	g_autoptr(GByteArray) directory = g_byte_array_new();
	unsigned n = 0;
	for (; n < FILES && files[n].name != NULL; n++)
		put_file(out, directory, &files[n], strcmp(files[n].name, "mimetype") == 0 ? STORED : method, wide);
	guint at = out->len;
	g_byte_array_append(out, directory->data, directory->len);
	if (wide) {
		guint end = out->len;
		put_text(out, "PK\006\006");
		put(out, 44, 8), put(out, 45, 2), put(out, 45, 2), put(out, 0, 8), put(out, n, 8), put(out, n, 8);
		put(out, directory->len, 8), put(out, at, 8);
		put_text(out, "PK\006\007");
		put(out, 0, 4), put(out, end, 8), put(out, 1, 4);
	}
	put_text(out, "PK\005\006");
	put(out, 0, 4), put(out, n, 2), put(out, n, 2), put(out, directory->len, 4), put(out, wide ? UINT32_MAX : at, 4), put(out, 0, 2);
	return out;
}

#define TYPES "[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
#define RELS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define ROOT(part) { "_rels/.rels", RELS "<Relationship Id=\"a\" Target=\"" part "\" Type=\"http://x/officeDocument\"/></Relationships>" }
#define MAIN(part, type) { TYPES "<Override ContentType='" type "' PartName=\"/" part "\"/></Types>" }
#define WORD "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#define SHEET "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
#define SLIDES "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"
#define MANIFEST(type, more) { "META-INF/manifest.xml", "<m:manifest xmlns:m='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>" \
	"<m:file-entry m:full-path='/' m:media-type='" type "'/>" more "</m:manifest>" }
#define ODF "application/vnd.oasis.opendocument."

typedef struct {
	const char *name;
	File files[FILES];
	OfficeFormat format;
	bool encrypted, damaged;
	unsigned macros, embedded, signatures, references;
} ZipCase;

static const ZipCase zips[] = {
	{ "docx", { MAIN("word/document.xml", WORD), ROOT("word/document.xml") }, OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 },
	{ "docx at the package's root", { MAIN("d.xml", WORD), ROOT("/d.xml") }, OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 },
	{ "docm", { MAIN("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"), ROOT("word/document.xml"),
		    { "word/vbaProject.bin", "x" } }, OFFICE_FORMAT_DOCX, 0, 0, 1, 0, 0, 0 },
	{ "macros by another case", { MAIN("word/document.xml", WORD), ROOT("word/document.xml"), { "Word\\VBAPROJECT.BIN", "x" } },
	  OFFICE_FORMAT_DOCX, 0, 0, 1, 0, 0, 0 },
	{ "dotx", { MAIN("w", "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), ROOT("w") },
	  OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 },
	{ "xlsx", { MAIN("xl/workbook.xml", SHEET), ROOT("xl/workbook.xml") }, OFFICE_FORMAT_XLSX, 0, 0, 0, 0, 0, 0 },
	{ "xlsm with macro sheets", { MAIN("xl/workbook.xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml"), ROOT("xl/workbook.xml"),
		    { "xl/macrosheets/sheet1.xml", "" }, { "xl/macrosheets/intlsheet1.xml", "" }, { "xl/macrosheets/_rels/sheet1.xml.rels", RELS "</Relationships>" } },
	  OFFICE_FORMAT_XLSX, 0, 0, 2, 0, 0, 0 },
	{ "xlsb", { MAIN("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main"), ROOT("xl/workbook.bin") },
	  OFFICE_FORMAT_XLSB, 0, 0, 0, 0, 0, 0 },
	{ "ppsx", { MAIN("ppt/presentation.xml", SLIDES), ROOT("ppt/presentation.xml") }, OFFICE_FORMAT_PPTX, 0, 0, 0, 0, 0, 0 },
	{ "by the relation, not by the first type", { { TYPES "<Override PartName='/xl/workbook.xml' ContentType='" SHEET "'/>"
		    "<Override PartName='/word/document.xml' ContentType='" WORD "'/></Types>" }, ROOT("word/document.xml") },
	  OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 },
	{ "by the extension", { { TYPES "<Default Extension='xml' ContentType='" SHEET "'/></Types>" }, ROOT("book.xml") },
	  OFFICE_FORMAT_XLSX, 0, 0, 0, 0, 0, 0 },
	{ "without a relation", { MAIN("word/document.xml", WORD) }, OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 },
	{ "the last of two is meant", { MAIN("a", WORD), MAIN("a", SHEET), ROOT("a") }, OFFICE_FORMAT_XLSX, 0, 0, 0, 0, 0, 0 },
	{ "what it brings", { MAIN("word/document.xml", WORD), ROOT("word/document.xml"),
		    { "word/embeddings/oleObject1.bin", "x" }, { "word/embeddings/", "" }, { "_xmlsignatures/sig1.xml", "x" },
		    { "word/_rels/document.xml.rels", RELS
		      "<Relationship Type='http://x/attachedTemplate' TargetMode='External' Target='http://192.0.2.1/t.dotx'/>"
		      "<Relationship Type='http://x/image' TargetMode='external' Target='file:////192.0.2.1/a.png'/>"
		      "<Relationship Type='http://x/image' Target='media/a.png'/>"
		      "<Relationship Type='http://x/hyperlink' TargetMode='External' Target='http://192.0.2.1/'/></Relationships>" } },
	  OFFICE_FORMAT_DOCX, 0, 0, 0, 1, 1, 2 },
	{ "another workbook", { MAIN("xl/workbook.xml", SHEET), ROOT("xl/workbook.xml"), { "xl/externalLinks/externalLink1.xml", "" },
		    { "xl/externalLinks/_rels/externalLink1.xml.rels", RELS "<Relationship Type='http://x/externalLinkPath' TargetMode='External' Target='b.xlsx'/></Relationships>" } },
	  OFFICE_FORMAT_XLSX, 0, 0, 0, 0, 0, 1 },
	{ "visio", { MAIN("visio/document.xml", "application/vnd.ms-visio.drawing.main+xml"), ROOT("visio/document.xml") },
	  OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 },
	{ "types that are no XML", { { "[Content_Types].xml", "<Types" "><oh" }, ROOT("a") }, OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 },
	{ "types that break off", { { TYPES "</nonsense>" }, ROOT("a") }, OFFICE_FORMAT_PACKAGE, 0, 1, 0, 0, 0, 0 },
	{ "types with an entity", { { "[Content_Types].xml", "<!DOCTYPE Types [<!ENTITY a '" WORD "'>]><Types><Override PartName='/a' ContentType='&a;'/></Types>" },
		    ROOT("a") }, OFFICE_FORMAT_PACKAGE, 0, 1, 0, 0, 0, 0 },
	{ "odt", { { "mimetype", ODF "text" }, MANIFEST(ODF "text", "") }, OFFICE_FORMAT_ODT, 0, 0, 0, 0, 0, 0 },
	{ "ott", { { "mimetype", ODF "text-template" }, MANIFEST(ODF "text-template", "") }, OFFICE_FORMAT_ODT, 0, 0, 0, 0, 0, 0 },
	{ "ods", { { "mimetype", ODF "spreadsheet" }, MANIFEST(ODF "spreadsheet", "") }, OFFICE_FORMAT_ODS, 0, 0, 0, 0, 0, 0 },
	{ "odp", { { "mimetype", ODF "presentation" }, MANIFEST(ODF "presentation", "") }, OFFICE_FORMAT_ODP, 0, 0, 0, 0, 0, 0 },
	{ "odg", { { "mimetype", ODF "graphics\n" }, MANIFEST(ODF "graphics", "") }, OFFICE_FORMAT_ODG, 0, 0, 0, 0, 0, 0 },
	{ "by the manifest alone", { MANIFEST(ODF "spreadsheet", ""), { "content.xml", "" } }, OFFICE_FORMAT_ODS, 0, 0, 0, 0, 0, 0 },
	{ "odf that is none of these", { { "mimetype", ODF "database" }, MANIFEST(ODF "database", "") }, OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 },
	{ "odf without a manifest", { { "mimetype", ODF "text" } }, OFFICE_FORMAT_ODT, 0, 1, 0, 0, 0, 0 },
	{ "odf with a password", { { "mimetype", ODF "text" }, MANIFEST(ODF "text", "<m:file-entry m:full-path='content.xml' m:media-type='text/xml'><m:encryption-data/></m:file-entry>") },
	  OFFICE_FORMAT_ODT, 1, 0, 0, 0, 0, 0 },
	{ "what odf brings", { { "mimetype", ODF "text" }, MANIFEST(ODF "text", ""), { "Basic/Standard/Module1.xml", "x" },
		    { "Basic/Standard/script-lb.xml", "x" }, { "Scripts/python/a.py", "x" }, { "Object 1", "x" }, { "Object 2/content.xml", "x" },
		    { "META-INF/documentsignatures.xml", "x" } }, OFFICE_FORMAT_ODT, 0, 0, 2, 2, 1, 0 },
	{ "any zip", { { "a.txt", "x" } }, OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 },
};

typedef struct {
	OfficeFormat format;
	bool encrypted, damaged;
	unsigned macros, embedded, signatures, references;
} Wanted;

static void check(const char *name, const GByteArray *bytes, const Wanted *wanted)
{
	OfficeFacts facts;
	/* Behind the last byte is not the document's, as tools see it. */
	g_autofree uint8_t *own = g_memdup2(bytes->data, bytes->len);
	OfficeFormat format = office_format(own, bytes->len, &facts);
	g_autofree char *got = g_strdup_printf("%d %d %d, %u %u %u %u", format, facts.encrypted, facts.damaged, facts.lost[RENDER_LOST_MACROS],
	                                       facts.lost[RENDER_LOST_FILES], facts.lost[RENDER_LOST_SIGNATURES],
	                                       facts.lost[RENDER_LOST_REFERENCES]);
	g_autofree char *want = g_strdup_printf("%d %d %d, %u %u %u %u", wanted->format, wanted->encrypted, wanted->damaged, wanted->macros,
	                                        wanted->embedded, wanted->signatures, wanted->references);
	if (strcmp(got, want) != 0)
		g_error("%s: %s, not %s", name, got, want);
}

static void test_zip(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(zips); i++) {
		const ZipCase *c = &zips[i];
		const Wanted wanted = { c->format, c->encrypted, c->damaged, c->macros, c->embedded, c->signatures, c->references };
		for (unsigned way = 0; way < 4; way++) {
			g_autoptr(GByteArray) bytes = zip_of(c->files, way % 2 != 0 ? DEFLATED : STORED, way / 2 != 0);
			check(c->name, bytes, &wanted);
		}
	}
}

/* Wherever it is cut: never the whole document, never anything but a damaged one. */
static void test_cut(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(zips); i++) {
		if (zips[i].format <= OFFICE_FORMAT_PACKAGE || zips[i].damaged)
			continue;
		g_autoptr(GByteArray) bytes = zip_of(zips[i].files, DEFLATED, false);
		for (guint length = 0; length < bytes->len; length++) {
			OfficeFacts facts;
			g_autofree uint8_t *cut = g_memdup2(bytes->data, length);
			OfficeFormat format = office_format(cut, length, &facts);
			g_assert_true(format == OFFICE_FORMAT_NONE || (format == OFFICE_FORMAT_PACKAGE && facts.damaged));
		}
	}
}

/* Members of 40 MB of blanks: of each a part is looked at, and of all together. */
static void test_bomb(void)
{
	g_autofree char *blanks = g_strnfill(40 << 20, ' ');
	memcpy(blanks, "<a>", 3);
	const File files[FILES] = { MAIN("a", WORD), ROOT("a"), { "word/_rels/1.rels", blanks }, { "word/_rels/2.rels", blanks },
		                    { "word/_rels/3.rels", blanks } };
	g_autoptr(GByteArray) bytes = zip_of(files, DEFLATED, false);
	gint64 start = g_get_monotonic_time();
	const Wanted wanted = { OFFICE_FORMAT_DOCX, 0, 0, 0, 0, 0, 0 };
	check("bomb", bytes, &wanted);
	g_test_message("%u bytes, %ld ms", bytes->len, (long)(g_get_monotonic_time() - start) / 1000);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_TIME_SPAN_SECOND);
}

/* ---- OLE2 ---------------------------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	int parent;       /* index; -1: the root */
	const char *data; /* NULL: a storage */
	size_t length;
	size_t padded;    /* to so many bytes */
} Item;

enum { ITEMS = 8, SECTOR = 512, BLOCK = 64, LAST = -2, FREE = -1 };

static void put_at(GByteArray *out, size_t at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out->data[at + i] = i < sizeof value ? (uint8_t)(value >> 8 * i) : 0;
}

static GByteArray *zeros(size_t n)
{
	GByteArray *out = g_byte_array_new();
	g_byte_array_set_size(out, (guint)n);
	if (n > 0)
		memset(out->data, 0, n);
	return out;
}

/* Appends data to whole units; returns the first one's number. */
static uint32_t add_units(GByteArray *units, GArray *table, const Item *item, size_t size, size_t each)
{
	uint32_t first = table->len;
	size_t n = (size + each - 1) / each;
	for (size_t i = 0; i < n; i++) {
		int32_t next = i + 1 < n ? (int32_t)(first + i + 1) : LAST;
		g_array_append_val(table, next);
	}
	g_autoptr(GByteArray) padded = zeros(n * each);
	if (item->length > 0)
		memcpy(padded->data, item->data, item->length);
	g_byte_array_append(units, padded->data, padded->len);
	return first;
}

static void put_entry(GByteArray *out, unsigned index, const char *name, unsigned type, int32_t right, int32_t child, uint32_t start,
                      size_t size)
{
	size_t at = SECTOR * 2 + index * 128;
	for (size_t i = 0; i < strlen(name); i++)
		put_at(out, at + i * 2, (uint8_t)name[i], 2);
	put_at(out, at + 0x40, (strlen(name) + 1) * 2, 2);
	put_at(out, at + 0x42, type, 1);
	put_at(out, at + 0x44, UINT32_MAX, 4);
	put_at(out, at + 0x48, (uint32_t)right, 4);
	put_at(out, at + 0x4C, (uint32_t)child, 4);
	put_at(out, at + 0x74, start, 4);
	put_at(out, at + 0x78, size, 4);
}

static int32_t sibling_of(const Item *items, unsigned n, unsigned from, int parent)
{
	for (unsigned i = from; i < n; i++)
		if (items[i].parent == parent)
			return (int32_t)i + 1;
	return FREE;
}

/* Sectors: 0 the table, 1 to 3 the directory, 4 the table of blocks, then the blocks, then the large streams. */
static GByteArray *ole_of(const Item *items)
{
	GByteArray *out = zeros(SECTOR * 6);
	g_autoptr(GArray) fat = g_array_new(FALSE, FALSE, 4), mini = g_array_new(FALSE, FALSE, 4);
	g_autoptr(GByteArray) blocks = g_byte_array_new(), streams = g_byte_array_new();
	static const int32_t fixed[] = { -3, 2, 3, LAST, LAST };
	uint32_t start[ITEMS] = { 0 };
	unsigned n = 0;
	g_array_append_vals(fat, fixed, G_N_ELEMENTS(fixed));
	for (; n < ITEMS && items[n].name != NULL; n++)
		if (items[n].data != NULL && MAX(items[n].length, items[n].padded) < 4096)
			start[n] = add_units(blocks, mini, &items[n], MAX(items[n].length, items[n].padded), BLOCK);
	const Item all_blocks = { .data = (const char *)blocks->data, .length = blocks->len };
	uint32_t first_block = blocks->len > 0 ? add_units(streams, fat, &all_blocks, blocks->len, SECTOR) : 0;
	for (unsigned i = 0; i < n; i++)
		if (items[i].data != NULL && MAX(items[i].length, items[i].padded) >= 4096)
			start[i] = add_units(streams, fat, &items[i], MAX(items[i].length, items[i].padded), SECTOR);
	memcpy(out->data, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	put_at(out, 0x1A, 3, 2), put_at(out, 0x1C, 0xFFFE, 2), put_at(out, 0x1E, 9, 2), put_at(out, 0x20, 6, 2), put_at(out, 0x2C, 1, 4);
	put_at(out, 0x30, 1, 4), put_at(out, 0x38, 4096, 4), put_at(out, 0x3C, 4, 4), put_at(out, 0x40, 1, 4);
	put_at(out, 0x44, (uint32_t)LAST, 4);
	for (unsigned i = 1; i < 109; i++)
		put_at(out, 0x4C + i * 4, UINT32_MAX, 4);
	for (unsigned i = 0; i < SECTOR / 4; i++) {
		put_at(out, SECTOR + i * 4, i < fat->len ? (uint32_t)g_array_index(fat, int32_t, i) : UINT32_MAX, 4);
		put_at(out, SECTOR * 5 + i * 4, i < mini->len ? (uint32_t)g_array_index(mini, int32_t, i) : UINT32_MAX, 4);
	}
	put_entry(out, 0, "Root Entry", 5, FREE, sibling_of(items, n, 0, -1), first_block, blocks->len);
	for (unsigned i = 0; i < n; i++)
		put_entry(out, i + 1, items[i].name, items[i].data != NULL ? 2 : 1, sibling_of(items, n, i + 1, items[i].parent),
		          sibling_of(items, n, 0, (int)i), start[i], MAX(items[i].length, items[i].padded));
	g_byte_array_append(out, streams->data, streams->len);
	return out;
}

#define DATA(text) text, sizeof(text) - 1
#define FIB(ident, version, flags) DATA(ident version "\0\0\0\0\0\0" flags "\0\0\0\0")
#define FIB_97(flags) FIB("\xEC\xA5", "\xC1\0", flags)
#define BOF "\x09\x08\x08\0\0\x06\x05\0\0\0\0\0"
#define SHEET_RECORD(kind) "\x85\0\x08\0\0\0\0\0\0" kind "\0\0"
#define END_OF_BOOK "\x0A\0\0\0"
#define USER(token) DATA("\0\0\xF6\x0F\x14\0\0\0\x14\0\0\0" token "\0\0\0\0")

static const struct {
	const char *name;
	Item items[ITEMS];
	Wanted wanted;
} oles[] = {
	{ "doc", { { "WordDocument", -1, FIB_97("\0\0"), 5000 } }, { OFFICE_FORMAT_DOC, 0, 0, 0, 0, 0, 0 } },
	{ "small doc", { { "WordDocument", -1, FIB_97("\0\0"), 0 }, { "1Table", -1, DATA("x"), 0 } }, { OFFICE_FORMAT_DOC, 0, 0, 0, 0, 0, 0 } },
	{ "doc with a password", { { "WordDocument", -1, FIB_97("\0\x01"), 4096 } }, { OFFICE_FORMAT_DOC, 1, 0, 0, 0, 0, 0 } },
	{ "Word 95", { { "WordDocument", -1, FIB("\xDC\xA5", "\x68\0", "\0\0"), 0 } }, { OFFICE_FORMAT_DOC_95, 0, 0, 0, 0, 0, 0 } },
	{ "Word 6", { { "WordDocument", -1, FIB("\xDC\xA5", "\x65\0", "\0\0"), 0 } }, { OFFICE_FORMAT_DOC_6, 0, 0, 0, 0, 0, 0 } },
	{ "empty doc", { { "WordDocument", -1, DATA(""), 0 } }, { OFFICE_FORMAT_DOC, 0, 1, 0, 0, 0, 0 } },
	{ "what a doc brings", { { "WordDocument", -1, FIB_97("\0\0"), 0 }, { "Macros", -1, NULL, 0, 0 }, { "VBA", 1, NULL, 0, 0 },
		    { "ObjectPool", -1, NULL, 0, 0 }, { "_1", 3, NULL, 0, 0 }, { "_2", 3, NULL, 0, 0 }, { "\003LINK", 5, DATA("x"), 0 },
		    { "_xmlsignatures", -1, NULL, 0, 0 } }, { OFFICE_FORMAT_DOC, 0, 0, 1, 2, 1, 1 } },
	{ "a document in an object is none", { { "x", -1, NULL, 0, 0 }, { "WordDocument", 0, FIB_97("\0\0"), 0 } },
	  { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
	{ "xls", { { "Workbook", -1, DATA(BOF SHEET_RECORD("\0") END_OF_BOOK), 0 } }, { OFFICE_FORMAT_XLS, 0, 0, 0, 0, 0, 0 } },
	{ "xls with a macro sheet", { { "Workbook", -1, DATA(BOF SHEET_RECORD("\0") SHEET_RECORD("\x01") END_OF_BOOK), 4500 } },
	  { OFFICE_FORMAT_XLS, 0, 0, 1, 0, 0, 0 } },
	{ "xls with a password", { { "Workbook", -1, DATA(BOF "\x2F\0\x04\0\x01\0\0\0" END_OF_BOOK), 0 } },
	  { OFFICE_FORMAT_XLS, 1, 0, 0, 0, 0, 0 } },
	{ "xls of other books", { { "Workbook", -1, DATA(BOF "\xAE\x01\x04\0\x01\0\x01\x04" "\xAE\x01\x04\0\x01\0\x01\x3A" "\xAE\x01\x05\0\x01\0\x02\0x" END_OF_BOOK), 0 },
		    { "LNK01", -1, NULL, 0, 0 }, { "MBD01", -1, NULL, 0, 0 }, { "_VBA_PROJECT_CUR", -1, NULL, 0, 0 }, { "VBA", 3, NULL, 0, 0 } },
	  { OFFICE_FORMAT_XLS, 0, 0, 1, 1, 0, 2 } },
	{ "xls that breaks off", { { "Workbook", -1, DATA(BOF SHEET_RECORD("\x01") "\x0C\0\xFF\xFFx"), 0 } },
	  { OFFICE_FORMAT_XLS, 0, 1, 1, 0, 0, 0 } },
	{ "Excel 95", { { "Book", -1, DATA(BOF END_OF_BOOK), 0 } }, { OFFICE_FORMAT_XLS_95, 0, 0, 0, 0, 0, 0 } },
	{ "ppt", { { "PowerPoint Document", -1, DATA("\x0F\0\xE8\x03\x20\0\0\0" "\0\0\0\x04\x0C\0\0\0\0\0\0\0\x01\0\0\0\x02\0\0\0"
		    "\x01\0\xC3\x0F\x08\0\0\0\x01\0\0\0\0\0\0\0" "\x01\0\xC3\x0F\x08\0\0\0\x01\0\0\0\x01\0\0\0"), 0 },
		    { "Current User", -1, USER("\x5F\xC0\x91\xE3"), 0 } }, { OFFICE_FORMAT_PPT, 0, 0, 1, 1, 0, 1 } },
	{ "ppt with a password", { { "PowerPoint Document", -1, DATA("x"), 0 }, { "Current User", -1, USER("\xDF\xC4\xD1\xF3"), 0 } },
	  { OFFICE_FORMAT_PPT, 1, 0, 0, 0, 0, 0 } },
	{ "OOXML with a password", { { "EncryptionInfo", -1, DATA("x"), 0 }, { "EncryptedPackage", -1, DATA("x"), 0 } },
	  { OFFICE_FORMAT_PACKAGE, 1, 0, 0, 0, 0, 0 } },
	{ "a mail of Outlook", { { "__properties_version1.0", -1, DATA("x"), 0 } }, { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
};

static void test_ole(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(oles); i++) {
		g_autoptr(GByteArray) bytes = ole_of(oles[i].items);
		check(oles[i].name, bytes, &oles[i].wanted);
	}
}

/* Each number of the tables and the directory replaced by one that leads back, or nowhere: it ends, inside the file. */
static void test_ole_loops(void)
{
	static const uint32_t numbers[] = { 0, 1, 2, 5, 0xFFFFFFFE, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFFF8 };
	for (size_t i = 0; i < G_N_ELEMENTS(oles); i++) {
		g_autoptr(GByteArray) bytes = ole_of(oles[i].items);
		for (size_t at = 0x1C; at + 4 <= MIN(bytes->len, SECTOR * 6); at += 4) {
			g_autofree uint8_t *own = g_memdup2(bytes->data, bytes->len);
			GByteArray spoilt = { own, bytes->len };
			OfficeFacts facts;
			for (size_t k = 0; k < G_N_ELEMENTS(numbers); k++) {
				put_at(&spoilt, at, numbers[k], 4);
				g_assert_cmpuint(office_format(own, bytes->len, &facts), <, OFFICE_FORMAT_COUNT);
			}
		}
	}
}

/* ---- the others ---------------------------------------------------------------------------------------------------- */

#define FLAT(kind) "<?xml version='1.0'?>\n<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' office:mimetype='" ODF kind "'>"

static void test_others(void)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		Wanted wanted;
	} cases[] = {
		{ "nothing", DATA(""), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "a text", DATA("Dear Sir or Madam"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "html", DATA("<html><body>x</body></html>"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "csv", DATA("a,b\n1,2\n"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "rtf", DATA("{\\rtf1 x}"), { OFFICE_FORMAT_RTF, 0, 0, 0, 0, 0, 0 } },
		{ "rtf behind blanks", DATA("\r\n {\\rtf1 x}"), { OFFICE_FORMAT_RTF, 0, 0, 0, 0, 0, 0 } },
		{ "what rtf brings", DATA("{\\rtf1{\\object\\objemb{\\*\\objdata 00}}{\\object\\objautlink{\\*\\objdata 00}}{\\*\\template http://192.0.2.1}"
			       "{\\field{\\*\\fldinst INCLUDEPICTURE \"http://192.0.2.1\"}}{\\field{\\*\\fldinst{DDEAUTO x y}}} LINKED objdata}"),
		  { OFFICE_FORMAT_RTF, 0, 0, 0, 2, 0, 4 } },
		{ "a word of rtf", DATA("\\rtf1"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "fodt", DATA(FLAT("text") "</office:document>"), { OFFICE_FORMAT_FODT, 0, 0, 0, 0, 0, 0 } },
		{ "fods", DATA(FLAT("spreadsheet") "</office:document>"), { OFFICE_FORMAT_FODS, 0, 0, 0, 0, 0, 0 } },
		{ "fodp", DATA(FLAT("presentation") "</office:document>"), { OFFICE_FORMAT_FODP, 0, 0, 0, 0, 0, 0 } },
		{ "fodg", DATA("\xEF\xBB\xBF" FLAT("graphics") "</office:document>"), { OFFICE_FORMAT_FODG, 0, 0, 0, 0, 0, 0 } },
		{ "what flat odf brings", DATA(FLAT("text") "<x:module xmlns:x='y'/><object/><object-ole/></office:document>"), { OFFICE_FORMAT_FODT, 0, 0, 1, 2, 0, 0 } },
		{ "flat odf that breaks off", DATA(FLAT("text") "<a>"), { OFFICE_FORMAT_FODT, 0, 1, 0, 0, 0, 0 } },
		{ "flat odf with entities", DATA("<!DOCTYPE a [<!ENTITY a 'aaaa'>]>" FLAT("text") "&a;</office:document>"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "another's document", DATA("<office:document xmlns:office='urn:x' office:mimetype='" ODF "text'/>"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "Excel 4", DATA("\x09\x04\x06\0\0\0\x10\0\0\0"), { OFFICE_FORMAT_XLS_4, 0, 0, 0, 0, 0, 0 } },
		{ "Excel 2", DATA("\x09\0\x04\0\x02\0\x10\0"), { OFFICE_FORMAT_XLS_4, 0, 0, 0, 0, 0, 0 } },
		{ "tabs and a blank line", DATA("\x09\x09\x09\x09\n\n\n\n"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
		{ "the head of a container", DATA("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), { OFFICE_FORMAT_PACKAGE, 0, 1, 0, 0, 0, 0 } },
		{ "the head of a zip", DATA("PK\003\004"), { OFFICE_FORMAT_NONE, 0, 0, 0, 0, 0, 0 } },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_byte_array_append(bytes, (const uint8_t *)cases[i].bytes, (guint)cases[i].length);
		check(cases[i].name, bytes, &cases[i].wanted);
	}
}

/* Whatever has a filter has a family and a name, and the other way round. */
static void test_kinds(void)
{
	for (unsigned format = 0; format < OFFICE_FORMAT_COUNT; format++) {
		const OfficeKind *kind = office_kind(format);
		bool known = format > OFFICE_FORMAT_PACKAGE;
		g_assert_cmpint(kind->filter != NULL && kind->extension != NULL, ==, known);
		g_assert_cmpint(kind->family < OFFICE_FAMILY_COUNT, ==, known);
		g_assert_cmpint(kind->format != RENDER_FORMAT_UNKNOWN, ==, known);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/office-format/zip", test_zip);
	g_test_add_func("/office-format/cut", test_cut);
	g_test_add_func("/office-format/bomb", test_bomb);
	g_test_add_func("/office-format/ole", test_ole);
	g_test_add_func("/office-format/ole-loops", test_ole_loops);
	g_test_add_func("/office-format/others", test_others);
	g_test_add_func("/office-format/kinds", test_kinds);
	return g_test_run();
}
