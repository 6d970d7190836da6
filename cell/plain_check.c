/* plain_check: the judge of what a jail says. Trusted side, but for plain_check_record, which
 * the writer uses too. Time is linear in the bytes (n log n in parts and pictures). */
#include "plain_priv.h"

struct PlainChecker {
	PlainCaps caps;
	uint32_t records; /* accepted so far, and thus the next sequence number */
	uint64_t text_bytes;
	uint32_t parts;
	GTree *part_numbers; /* GBytes of the path; keys owned */
	GArray *pages;       /* uint32_t, ascending: pages that have a picture */
	bool ended;
	bool refused;
};

/* ---- one record ------------------------------------------------------------------- */

static bool check_string(const PlainRecord *record, const PlainField *field, uint64_t *text_bytes,
                         GError **error)
{
	PlainCharRule rule = field->kind == PLAIN_FIELD_TEXT ? PLAIN_CHARS_TEXT : PLAIN_CHARS_LINE;
	size_t bytes;
	const char *text = plain_member_string(record, field, &bytes);

	if (bytes > field->max)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"%s\" has %zu bytes, over %zu", field->name,
		                   bytes, field->max);
	switch (plain_chars(text, bytes, rule)) {
	case PLAIN_CHARS_NOT_UTF8:
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"%s\" is not valid UTF-8", field->name);
	case PLAIN_CHARS_FORBIDDEN:
		return plain_throw(error, PLAIN_ERROR_TEXT, "\"%s\" holds a forbidden character",
		                   field->name);
	case PLAIN_CHARS_OK:
		break;
	}
	*text_bytes += bytes;
	return true;
}

static bool check_strings(const PlainRecord *record, const PlainShape *shape, uint64_t *ret_text_bytes,
                          GError **error)
{
	uint64_t text_bytes = 0;

	for (size_t i = 0; i < shape->n_fields; i++) {
		const PlainField *field = &shape->fields[i];
		if (field->kind != PLAIN_FIELD_LINE && field->kind != PLAIN_FIELD_TEXT)
			continue;
		if (!check_string(record, field, &text_bytes, error))
			return false;
	}
	*ret_text_bytes = text_bytes;
	return true;
}

static bool check_ready(const PlainRecord *record, GError **error)
{
	if ((record->ready.walls & ~(uint32_t)PLAIN_WALL_ALL) != 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"ready.walls\" has unknown bits");
	return true;
}

static bool check_part(const PlainRecord *record, GError **error)
{
	if (record->part.depth == 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"part.number\" is empty");
	if (record->part.depth > PLAIN_DEPTH_MAX)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"part.number\" is too deep");
	for (size_t i = 0; i < record->part.depth; i++)
		if (record->part.number[i] == 0)
			return plain_throw(error, PLAIN_ERROR_FIELD, "\"part.number\" holds 0");
	if (record->part.length > record->part.bytes)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"part.length\" is above \"part.bytes\"");
	return true;
}

/* 0 for a format that does not exist. */
static uint64_t bytes_per_pixel(uint16_t format)
{
	return format == PLAIN_XRGB32 ? 4 : format == PLAIN_GRAY8 ? 1 : 0;
}

/* Both sides are 1 .. 65535 by then: no product here can overflow 64 bits. */
static bool check_picture_length(const PlainRecord *record, GError **error)
{
	uint64_t pixels = (uint64_t)record->picture.width * record->picture.height;

	if (record->picture.length != pixels * bytes_per_pixel(record->picture.format))
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"picture.length\" is not that of its pixels");
	return true;
}

static bool check_picture_box(const PlainRecord *record, GError **error)
{
	if (record->picture.box_width == 0 || record->picture.box_height == 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"picture\" has a box side of 0");
	if (record->picture.box_width > PLAIN_PICTURE_BOX_MAX || record->picture.box_height > PLAIN_PICTURE_BOX_MAX)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"picture\" has a box side over %d",
		                   PLAIN_PICTURE_BOX_MAX);
	return true;
}

static bool check_picture(const PlainRecord *record, GError **error)
{
	if (record->picture.page == 0 || record->picture.width == 0 || record->picture.height == 0 ||
	    record->picture.dpi == 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"picture\" has a page, side or dpi of 0");
	if (record->picture.width > PLAIN_PICTURE_SIDE_MAX || record->picture.height > PLAIN_PICTURE_SIDE_MAX)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"picture\" has a side over %d",
		                   PLAIN_PICTURE_SIDE_MAX);
	if (bytes_per_pixel(record->picture.format) == 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"picture.format\" is unknown");
	return check_picture_box(record, error) && check_picture_length(record, error);
}

static bool check_run(const PlainRecord *record, GError **error)
{
	if (record->run.w < 0 || record->run.h < 0)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"run\" has a negative side");
	if (record->run.vertical > 1)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"run.vertical\" is above 1");
	return true;
}

/* ---- a record in its answer ------------------------------------------------------- */

/* Checked without overflow: offset + length is never formed. */
static bool range_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

/* A tree and not a hash: a jail can choose numbers that collide under a known hash. */
static bool note_part_number(PlainChecker *checker, const PlainRecord *record)
{
	g_autoptr(GBytes) key =
	        g_bytes_new(record->part.number, record->part.depth * sizeof record->part.number[0]);

	if (g_tree_lookup(checker->part_numbers, key) != NULL)
		return false;
	GBytes *kept = g_bytes_ref(key);
	g_tree_insert(checker->part_numbers, kept, kept);
	return true;
}

static bool admit_part(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	if (checker->parts >= checker->caps.max_parts)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %u parts", checker->caps.max_parts);
	if (record->part.depth > checker->caps.max_part_depth)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"part.number\" is deeper than %u",
		                   checker->caps.max_part_depth);
	if (!range_inside(record->part.offset, record->part.length, checker->caps.arena_size))
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"part\" lies outside the arena");
	if (!note_part_number(checker, record))
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"part.number\" comes twice");
	checker->parts++;
	return true;
}

static uint32_t last_page(const PlainChecker *checker)
{
	guint n = checker->pages->len;

	return n > 0 ? g_array_index(checker->pages, uint32_t, n - 1) : 0;
}

static bool admit_picture(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	uint64_t pixels = (uint64_t)record->picture.width * record->picture.height;

	if (checker->pages->len >= checker->caps.max_pictures)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %u pictures",
		                   checker->caps.max_pictures);
	if (pixels > checker->caps.max_picture_pixels)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "\"picture\" has too many pixels");
	if (!range_inside(record->picture.offset, record->picture.length, checker->caps.pixel_arena_size))
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"picture\" lies outside the pixel arena");
	if (record->picture.page <= last_page(checker))
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"picture.page\" does not grow");
	g_array_append_val(checker->pages, record->picture.page);
	return true;
}

static int compare_pages(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool admit_run(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	if (!g_array_binary_search(checker->pages, &record->run.page, compare_pages, NULL))
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"run.page\" has no picture yet");
	return true;
}

static bool admit_end(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	if (record->end.records != checker->records)
		return plain_throw(error, PLAIN_ERROR_FIELD, "\"end.records\" is %u after %u records",
		                   record->end.records, checker->records);
	checker->ended = true;
	return true;
}

/* By type: what one record must be, and what it must be in its place. NULL: nothing more. */
static const struct {
	bool (*check)(const PlainRecord *record, GError **error);
	bool (*admit)(PlainChecker *checker, const PlainRecord *record, GError **error);
} rules[PLAIN_TYPE_COUNT] = {
	[PLAIN_READY] = { check_ready, NULL },
	[PLAIN_PART] = { check_part, admit_part },
	[PLAIN_PICTURE] = { check_picture, admit_picture },
	[PLAIN_RUN] = { check_run, admit_run },
	[PLAIN_END] = { NULL, admit_end },
};

bool plain_check_record(const PlainRecord *record, uint64_t *ret_text_bytes, GError **error)
{
	const PlainShape *shape = plain_shape(record->type);

	if (shape == NULL)
		return plain_throw(error, PLAIN_ERROR_FRAME, "record has an unknown type");
	if (rules[record->type].check != NULL && !rules[record->type].check(record, error))
		return false;
	return check_strings(record, shape, ret_text_bytes, error);
}

static bool check_place(const PlainChecker *checker, const PlainRecord *record, GError **error)
{
	if (checker->ended)
		return plain_throw(error, PLAIN_ERROR_ORDER, "record after the end");
	if (record->sequence != checker->records)
		return plain_throw(error, PLAIN_ERROR_FRAME, "record %u where %u is due", record->sequence,
		                   checker->records);
	if ((record->type == PLAIN_READY) != (checker->records == 0))
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"%s\" as record %u",
		                   plain_type_name(record->type), checker->records);
	if (checker->records >= checker->caps.max_records)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %u records",
		                   checker->caps.max_records);
	return true;
}

/* record->type exists by then. */
static bool check_type(const PlainChecker *checker, const PlainRecord *record, GError **error)
{
	const uint32_t always = 1u << PLAIN_READY | 1u << PLAIN_END;

	if (((checker->caps.types | always) & 1u << record->type) == 0)
		return plain_throw(error, PLAIN_ERROR_ORDER, "\"%s\" may not come in this answer",
		                   plain_type_name(record->type));
	return true;
}

static bool add_text(PlainChecker *checker, uint64_t bytes, GError **error)
{
	if (bytes > checker->caps.max_text_bytes - checker->text_bytes)
		return plain_throw(error, PLAIN_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes of text",
		                   checker->caps.max_text_bytes);
	checker->text_bytes += bytes;
	return true;
}

static bool judge(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	uint64_t text_bytes;

	if (!check_place(checker, record, error))
		return false;
	if (!plain_check_record(record, &text_bytes, error))
		return false;
	if (!check_type(checker, record, error) || !add_text(checker, text_bytes, error))
		return false;
	if (rules[record->type].admit != NULL && !rules[record->type].admit(checker, record, error))
		return false;
	checker->records++;
	return true;
}

bool plain_check(PlainChecker *checker, const PlainRecord *record, GError **error)
{
	/* One lie, and nothing that follows may be used: the jail is in foreign hands. */
	if (checker->refused)
		return plain_throw(error, PLAIN_ERROR_ORDER, "record after a refused one");
	checker->refused = !judge(checker, record, error);
	return !checker->refused;
}

/* ---- the checker ------------------------------------------------------------------ */

static int compare_keys(const void *a, const void *b, void *unused)
{
	(void)unused;
	return g_bytes_compare(a, b);
}

static void free_key(void *key)
{
	g_bytes_unref(key);
}

PlainChecker *plain_checker_new(const PlainCaps *caps)
{
	PlainChecker *checker = g_new0(PlainChecker, 1);

	checker->caps = *caps;
	checker->part_numbers = g_tree_new_full(compare_keys, NULL, free_key, NULL);
	checker->pages = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return checker;
}

void plain_checker_free(PlainChecker *checker)
{
	if (checker == NULL)
		return;
	g_tree_unref(checker->part_numbers);
	g_array_unref(checker->pages);
	g_free(checker);
}

bool plain_checker_ended(const PlainChecker *checker)
{
	return checker->ended && !checker->refused;
}
