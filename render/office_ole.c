/* office_ole: the directory of an OLE2 container ("compound file"), and of its streams what tells encrypted documents and counts what they
 * bring. Sectors are read where they stand; each chain is followed for as many steps as there are sectors, so that one which bites its
 * tail ends. */
#include "office_format_priv.h"

#include <string.h>

enum {
	HEADER = 512,
	ENTRY = 128,
	NAME_MAX_UNITS = 31,
	DIFAT_IN_HEADER = 109,
	ENTRIES_MAX = 65536,  /* of the directory */
	FIRST_BYTES = 64,     /* of a stream, where these tell enough */
	STREAM_MAX = 64 << 20,
};

enum { ENTRY_STORAGE = 1, ENTRY_STREAM = 2, ENTRY_ROOT = 5 };

#define SECTOR_LAST UINT32_C(0xFFFFFFF9) /* the last that can be one */
#define NO_ENTRY UINT32_C(0xFFFFFFFF)

typedef struct {
	char name[NAME_MAX_UNITS + 1]; /* other than ASCII: '?' */
	uint8_t type;
	uint32_t left, right, child;
	uint32_t start;
	uint64_t size;
	uint32_t parent; /* once it was reached from the root; else NO_ENTRY */
} Entry;

typedef struct {
	const uint8_t *bytes;
	size_t length;
	unsigned shift;      /* of a sector */
	uint32_t n_sectors;
	GArray *fat;         /* of uint32_t: where the sectors of the allocation table are */
	GArray *entries;     /* of Entry */
	uint32_t mini_fat;   /* first sector */
	uint32_t mini_below; /* streams below this size stand in the mini stream */
	OfficeFacts *facts;
} Ole;

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) | (uint32_t)get16(at + 2) << 16;
}

/* NULL: outside the file. The last one may be cut: *ret_size tells. */
static const uint8_t *sector(const Ole *ole, uint32_t number, size_t *ret_size)
{
	uint64_t offset = ((uint64_t)number + 1) << ole->shift;
	if (number > SECTOR_LAST || offset >= ole->length)
		return NULL;
	*ret_size = MIN((size_t)1 << ole->shift, ole->length - (size_t)offset);
	return ole->bytes + offset;
}

/* The number at that index of a table which begins with a sector; SECTOR_LAST + 1: there is none. */
static uint32_t number_in(const Ole *ole, uint32_t at_sector, size_t index)
{
	size_t size = 0;
	const uint8_t *table = sector(ole, at_sector, &size);
	return table != NULL && index * 4 + 4 <= size ? get32(table + index * 4) : SECTOR_LAST + 1;
}

static uint32_t next_sector(const Ole *ole, uint32_t number)
{
	size_t each = ((size_t)1 << ole->shift) / 4, table = number / each;
	return table < ole->fat->len ? number_in(ole, g_array_index(ole->fat, uint32_t, table), number % each)
	                             : SECTOR_LAST + 1;
}

/* ---- the header and the allocation table --------------------------------------------------------------------------- */

static void add_fat(Ole *ole, uint32_t number)
{
	if (number <= SECTOR_LAST && ole->fat->len < ole->n_sectors)
		g_array_append_val(ole->fat, number);
}

static void find_fat(Ole *ole)
{
	for (size_t i = 0; i < DIFAT_IN_HEADER; i++)
		add_fat(ole, get32(ole->bytes + 0x4C + i * 4));
	size_t each = ((size_t)1 << ole->shift) / 4 - 1;
	uint32_t difat = get32(ole->bytes + 0x44);
	for (uint32_t steps = 0; difat <= SECTOR_LAST && steps < ole->n_sectors; steps++) {
		for (size_t i = 0; i < each; i++)
			add_fat(ole, number_in(ole, difat, i));
		difat = number_in(ole, difat, each);
	}
}

static bool read_header(Ole *ole)
{
	if (ole->length < HEADER)
		return false;
	ole->shift = get16(ole->bytes + 0x1E);
	if (ole->shift != 9 && ole->shift != 12)
		return false;
	ole->n_sectors = (uint32_t)MIN(ole->length >> ole->shift, SECTOR_LAST);
	ole->mini_fat = get32(ole->bytes + 0x3C);
	ole->mini_below = MIN(get32(ole->bytes + 0x38), 4096);
	find_fat(ole);
	return true;
}

/* ---- streams ------------------------------------------------------------------------------------------------------- */

/* What a chain of sectors holds, `most` bytes of it. New. */
static GByteArray *load_chain(const Ole *ole, uint32_t number, uint64_t most)
{
	GByteArray *loaded = g_byte_array_new();
	for (uint32_t steps = 0; loaded->len < most && steps < ole->n_sectors; steps++) {
		size_t size = 0;
		const uint8_t *bytes = sector(ole, number, &size);
		if (bytes == NULL)
			break;
		g_byte_array_append(loaded, bytes, (guint)MIN(size, most - loaded->len));
		number = next_sector(ole, number);
	}
	return loaded;
}

/* A small stream stands in blocks of 64 bytes of the root's own, by a table of its own. */
static GByteArray *load_mini(const Ole *ole, const Entry *entry, uint64_t most)
{
	enum { BLOCK = 64 };
	const Entry *root = &g_array_index(ole->entries, Entry, 0);
	g_autoptr(GByteArray) blocks = load_chain(ole, root->start, MIN(root->size, STREAM_MAX));
	g_autoptr(GByteArray) table = load_chain(ole, ole->mini_fat, STREAM_MAX / BLOCK * 4);
	GByteArray *loaded = g_byte_array_new();
	for (uint32_t number = entry->start; loaded->len < most && number < blocks->len / BLOCK;) {
		g_byte_array_append(loaded, blocks->data + (size_t)number * BLOCK, (guint)MIN(BLOCK, most - loaded->len));
		if (((size_t)number + 1) * 4 > table->len)
			break;
		number = get32(table->data + (size_t)number * 4);
	}
	return loaded;
}

static GByteArray *load(const Ole *ole, const Entry *entry, uint64_t most)
{
	most = MIN(MIN(entry->size, most), STREAM_MAX);
	return entry->size < ole->mini_below ? load_mini(ole, entry, most) : load_chain(ole, entry->start, most);
}

/* ---- the directory ------------------------------------------------------------------------------------------------- */

static void add_entry(Ole *ole, const uint8_t *at)
{
	Entry entry = { .type = at[0x42],
		        .left = get32(at + 0x44),
		        .right = get32(at + 0x48),
		        .child = get32(at + 0x4C),
		        .start = get32(at + 0x74),
		        .size = get32(at + 0x78),
		        .parent = NO_ENTRY };
	for (size_t i = 0; i < MIN(get16(at + 0x40) / 2, NAME_MAX_UNITS); i++) {
		uint16_t unit = get16(at + i * 2);
		entry.name[i] = unit < 0x80 ? (char)unit : '?';
	}
	g_array_append_val(ole->entries, entry);
}

static void read_directory(Ole *ole)
{
	g_autoptr(GByteArray) directory = load_chain(ole, get32(ole->bytes + 0x30), (uint64_t)ENTRIES_MAX * ENTRY);
	for (size_t at = 0; at + ENTRY <= directory->len; at += ENTRY)
		add_entry(ole, directory->data + at);
}

/* Each entry once, from the root down, by a stack of those that are still to be looked at. What cannot be reached is not there. */
static void find_parents(Ole *ole)
{
	g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, 2 * sizeof(uint32_t));
	typedef struct {
		uint32_t entry, parent;
	} Step;
	Step step = { g_array_index(ole->entries, Entry, 0).child, 0 };
	g_array_append_val(todo, step);
	while (todo->len > 0) {
		step = g_array_index(todo, Step, todo->len - 1);
		g_array_set_size(todo, todo->len - 1);
		Entry *entry = step.entry < ole->entries->len ? &g_array_index(ole->entries, Entry, step.entry) : NULL;
		if (entry == NULL || step.entry == 0 || entry->parent != NO_ENTRY)
			continue;
		entry->parent = step.parent;
		const Step next[] = { { entry->left, step.parent },
			              { entry->right, step.parent },
			              { entry->child, step.entry } };
		g_array_append_vals(todo, next, entry->type == ENTRY_STORAGE ? 3 : 2);
	}
}

static const Entry *find(const Ole *ole, const char *name, uint8_t type)
{
	for (guint i = 1; i < ole->entries->len; i++) {
		const Entry *entry = &g_array_index(ole->entries, Entry, i);
		if (entry->parent == 0 && entry->type == type && g_ascii_strcasecmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

static bool has(const Ole *ole, const char *name, uint8_t type)
{
	return find(ole, name, type) != NULL;
}

/* ---- what all of them can bring -------------------------------------------------------------------------------------- */

static const char *parent_name(const Ole *ole, const Entry *entry)
{
	return g_array_index(ole->entries, Entry, entry->parent).name;
}

static void count_entry(const Ole *ole, const Entry *entry)
{
	uint32_t *lost = ole->facts->lost;
	bool storage = entry->type == ENTRY_STORAGE;
	if (storage && g_ascii_strcasecmp(entry->name, "VBA") == 0)
		lost[RENDER_LOST_MACROS]++;
	else if (storage && g_ascii_strcasecmp(parent_name(ole, entry), "ObjectPool") == 0)
		lost[RENDER_LOST_FILES]++;
	else if (storage && entry->parent == 0 && g_ascii_strncasecmp(entry->name, "MBD", 3) == 0)
		lost[RENDER_LOST_FILES]++;
	else if (storage && entry->parent == 0 && g_ascii_strncasecmp(entry->name, "LNK", 3) == 0)
		lost[RENDER_LOST_REFERENCES]++;
	else if (!storage && strcmp(entry->name, "\003LINK") == 0)
		lost[RENDER_LOST_REFERENCES]++;
	else if (entry->parent == 0 && (g_ascii_strcasecmp(entry->name, "_signatures") == 0 ||
	                                g_ascii_strcasecmp(entry->name, "_xmlsignatures") == 0))
		lost[RENDER_LOST_SIGNATURES]++;
}

static void count_entries(const Ole *ole)
{
	for (guint i = 1; i < ole->entries->len; i++) {
		const Entry *entry = &g_array_index(ole->entries, Entry, i);
		if (entry->parent != NO_ENTRY)
			count_entry(ole, entry);
	}
}

/* ---- Word, Excel, PowerPoint ------------------------------------------------------------------------------------------ */

static OfficeFormat word_format(const Ole *ole, const Entry *stream)
{
	enum { ENCRYPTED = 1 << 8, FIRST_OF_97 = 193, FIRST_OF_95 = 104 };
	g_autoptr(GByteArray) fib = load(ole, stream, FIRST_BYTES);
	if (fib->len < 12) {
		ole->facts->damaged = true;
		return OFFICE_FORMAT_DOC;
	}
	ole->facts->encrypted = (get16(fib->data + 10) & ENCRYPTED) != 0;
	uint16_t version = get16(fib->data + 2);
	if (get16(fib->data) == 0xA5EC || version >= FIRST_OF_97)
		return OFFICE_FORMAT_DOC;
	return version >= FIRST_OF_95 ? OFFICE_FORMAT_DOC_95 : OFFICE_FORMAT_DOC_6;
}

static void count_record(const Ole *ole, uint16_t type, const uint8_t *data, size_t length)
{
	enum { BOUNDSHEET = 0x85, FILEPASS = 0x2F, SUPBOOK = 0x1AE, MACRO_SHEET = 1 };
	if (type == FILEPASS)
		ole->facts->encrypted = true;
	else if (type == BOUNDSHEET && length >= 6 && data[5] == MACRO_SHEET)
		ole->facts->lost[RENDER_LOST_MACROS]++;
	/* Not those to the workbook itself and to functions of add-ins. */
	else if (type == SUPBOOK && length >= 4 && get16(data + 2) != 0x0401 && get16(data + 2) != 0x3A01)
		ole->facts->lost[RENDER_LOST_REFERENCES]++;
}

/* The records of the workbook itself, which come before those of its sheets. */
static void read_workbook(const Ole *ole, const Entry *stream)
{
	enum { END = 0x0A };
	g_autoptr(GByteArray) records = load(ole, stream, STREAM_MAX);
	for (size_t at = 0; at + 4 <= records->len;) {
		uint16_t type = get16(records->data + at), length = get16(records->data + at + 2);
		at += 4;
		if (type == END)
			return;
		if (length > records->len - at)
			break;
		count_record(ole, type, records->data + at, length);
		at += length;
	}
	ole->facts->damaged = true;
}

static void count_atom(const Ole *ole, uint16_t type, const uint8_t *data, size_t length)
{
	enum { VBA_INFO = 0x0400, OLE_OBJECT = 0x0FC3, EMBEDDED = 0, LINKED = 1 };
	uint32_t *lost = ole->facts->lost;
	if (type == VBA_INFO && length >= 8 && get32(data + 4) != 0)
		lost[RENDER_LOST_MACROS]++;
	else if (type == OLE_OBJECT && length >= 8 && get32(data + 4) == EMBEDDED)
		lost[RENDER_LOST_FILES]++;
	else if (type == OLE_OBJECT && length >= 8 && get32(data + 4) == LINKED)
		lost[RENDER_LOST_REFERENCES]++;
}

/* Records in records; which are in which does not matter here. */
static void read_slides(const Ole *ole, const Entry *stream)
{
	enum { CONTAINER = 0xF };
	g_autoptr(GByteArray) records = load(ole, stream, STREAM_MAX);
	for (size_t at = 0; at + 8 <= records->len;) {
		const uint8_t *record = records->data + at;
		size_t length = get32(record + 4);
		at += 8;
		if ((record[0] & CONTAINER) == CONTAINER)
			continue;
		if (length > records->len - at)
			return;
		count_atom(ole, get16(record + 2), record + 8, length);
		at += length;
	}
}

static OfficeFormat slides_format(const Ole *ole, const Entry *stream)
{
	const Entry *user = find(ole, "Current User", ENTRY_STREAM);
	if (user != NULL) {
		g_autoptr(GByteArray) atom = load(ole, user, FIRST_BYTES);
		ole->facts->encrypted = atom->len >= 16 && get32(atom->data + 12) == UINT32_C(0xF3D1C4DF);
	}
	if (has(ole, "EncryptedSummary", ENTRY_STREAM))
		ole->facts->encrypted = true;
	read_slides(ole, stream);
	return OFFICE_FORMAT_PPT;
}

static OfficeFormat tell(const Ole *ole)
{
	/* A zip in a container: encrypted by a password, or by rights that a server grants. */
	if (has(ole, "EncryptedPackage", ENTRY_STREAM) || has(ole, "\tDRMContent", ENTRY_STREAM)) {
		ole->facts->encrypted = true;
		return OFFICE_FORMAT_PACKAGE;
	}
	const Entry *stream = find(ole, "WordDocument", ENTRY_STREAM);
	if (stream != NULL)
		return word_format(ole, stream);
	bool old = !has(ole, "Workbook", ENTRY_STREAM);
	stream = find(ole, old ? "Book" : "Workbook", ENTRY_STREAM);
	if (stream != NULL) {
		read_workbook(ole, stream);
		return old ? OFFICE_FORMAT_XLS_95 : OFFICE_FORMAT_XLS;
	}
	stream = find(ole, "PowerPoint Document", ENTRY_STREAM);
	return stream != NULL ? slides_format(ole, stream) : OFFICE_FORMAT_NONE;
}

OfficeFormat office_ole_format(const uint8_t *bytes, size_t length, OfficeFacts *facts)
{
	g_autoptr(GArray) fat = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	Ole ole = { .bytes = bytes, .length = length, .fat = fat, .entries = entries, .facts = facts };
	bool good = read_header(&ole);
	if (good)
		read_directory(&ole);
	if (entries->len == 0 || g_array_index(entries, Entry, 0).type != ENTRY_ROOT) {
		facts->damaged = true;
		return OFFICE_FORMAT_PACKAGE;
	}
	find_parents(&ole);
	OfficeFormat format = tell(&ole);
	if (format != OFFICE_FORMAT_NONE)
		count_entries(&ole);
	return format;
}
