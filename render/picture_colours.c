/* picture_colours: how often each colour occurs on a page.
 *
 * A tree of three levels over the 24 bits of a colour: the four high bits of each channel, then the low ones
 * in two halves. Neighbouring colours share nodes, so that a text page's tree stays in the first cache; and a
 * page that is made to be slow cannot be, as there is nothing to collide.
 */
#include "picture_priv.h"

enum {
	TOPS = 4096,
	FANOUT = 64,
	MANY_COLOURS = 32768, /* no page with more was ever better off with a palette */
	FEW_COLOURS = 4096,   /* above: deflated pixels are not tried */
	FLAT_RUN = 4,         /* pixels: shorter ones are strokes and edges */
};

typedef struct {
	uint16_t next[FANOUT]; /* 1 + an index into leaves, 0: none */
} Branch;

typedef struct {
	uint32_t number[FANOUT]; /* pixels of the colour; later what is set */
	uint32_t flat[FANOUT];
} Leaf;

struct PictureColours {
	uint16_t top[TOPS]; /* 1 + an index into branches, 0: none */
	GArray *branches;   /* of Branch */
	GArray *leaves;     /* of Leaf */
	GArray *list;       /* of PictureColour */
	uint64_t runs;
	bool counted;
};

static unsigned high_bits(uint32_t colour)
{
	return (colour >> 12 & 0xf00) | (colour >> 8 & 0x0f0) | (colour >> 4 & 0x00f);
}

static unsigned low_bits(uint32_t colour)
{
	return (colour >> 8 & 0xf00) | (colour >> 4 & 0x0f0) | (colour & 0x00f);
}

static Leaf *find(const PictureColours *colours, uint32_t colour)
{
	unsigned branch = colours->top[high_bits(colour)];
	if (branch == 0)
		return NULL;
	unsigned leaf = g_array_index(colours->branches, Branch, branch - 1).next[low_bits(colour) / FANOUT];
	return leaf == 0 ? NULL : &g_array_index(colours->leaves, Leaf, leaf - 1);
}

static uint32_t *number_of(const PictureColours *colours, uint32_t colour)
{
	return &find(colours, colour)->number[low_bits(colour) % FANOUT];
}

static uint16_t add_node(GArray *nodes)
{
	g_array_set_size(nodes, nodes->len + 1);
	return (uint16_t)nodes->len;
}

static Leaf *grow(PictureColours *colours, uint32_t colour)
{
	uint16_t *top = &colours->top[high_bits(colour)];
	if (*top == 0)
		*top = add_node(colours->branches);
	uint16_t *branch =
	        &g_array_index(colours->branches, Branch, *top - 1).next[low_bits(colour) / FANOUT];
	if (*branch == 0)
		*branch = add_node(colours->leaves);
	return &g_array_index(colours->leaves, Leaf, *branch - 1);
}

/* A palette has at least one colour for each of these keys, whatever is hot. */
static bool too_many(const PictureColours *colours)
{
	return colours->list->len > MANY_COLOURS ||
	       (colours->list->len > FEW_COLOURS && colours->branches->len > 2 * PICTURE_PALETTE_MAX);
}

/* above: the row before it. */
static bool count_row(PictureColours *colours, const uint32_t *row, const uint32_t *above, uint32_t width)
{
	for (uint32_t x = 0, end; x < width; x = end) {
		end = picture_run_end(row, x, width);
		colours->runs++;
		unsigned place = low_bits(row[x]) % FANOUT;
		Leaf *leaf = find(colours, row[x]);
		if (leaf == NULL || leaf->number[place] == 0) {
			PictureColour first = { .colour = row[x] };
			g_array_append_val(colours->list, first);
			if (too_many(colours))
				return false;
			leaf = grow(colours, row[x]);
		}
		leaf->number[place] += end - x;
		if (end - x >= FLAT_RUN && above[x + (end - x) / 2] == row[x])
			leaf->flat[place] += end - x;
	}
	return true;
}

static int by_colour(const void *a, const void *b)
{
	const PictureColour *x = a, *y = b;
	return (x->colour > y->colour) - (x->colour < y->colour);
}

static void count_rows(PictureColours *colours, const PictureSource *source)
{
	g_autofree uint32_t *rows = g_new(uint32_t, 2 * (size_t)source->width);
	uint32_t *row = rows, *above = rows + source->width;

	picture_row(source, 0, above);
	colours->counted = true;
	for (uint32_t y = 0; y < source->height && colours->counted; y++) {
		picture_row(source, y, row);
		colours->counted = count_row(colours, row, above, source->width);
		uint32_t *next = above;
		above = row;
		row = next;
	}
}

PictureColours *picture_colours_new(const PictureSource *source)
{
	PictureColours *colours = g_new0(PictureColours, 1);
	colours->branches = g_array_new(FALSE, TRUE, sizeof(Branch));
	colours->leaves = g_array_new(FALSE, TRUE, sizeof(Leaf));
	colours->list = g_array_new(FALSE, FALSE, sizeof(PictureColour));
	count_rows(colours, source);
	if (!colours->counted)
		return colours;
	for (unsigned i = 0; i < colours->list->len; i++) {
		PictureColour *one = &g_array_index(colours->list, PictureColour, i);
		one->count = *number_of(colours, one->colour);
		one->flat = find(colours, one->colour)->flat[low_bits(one->colour) % FANOUT];
	}
	g_array_sort(colours->list, by_colour);
	return colours;
}

void picture_colours_free(PictureColours *colours)
{
	if (colours == NULL)
		return;
	g_array_unref(colours->branches);
	g_array_unref(colours->leaves);
	g_array_unref(colours->list);
	g_free(colours);
}

bool picture_colours_counted(const PictureColours *colours)
{
	return colours->counted;
}

const PictureColour *picture_colours_list(const PictureColours *colours, size_t *ret_count)
{
	*ret_count = colours->list->len;
	return (const PictureColour *)(const void *)colours->list->data;
}

uint64_t picture_colours_runs(const PictureColours *colours)
{
	return colours->runs;
}

void picture_colours_set(PictureColours *colours, uint32_t colour, uint32_t value)
{
	*number_of(colours, colour) = value;
}

uint32_t picture_colours_get(const PictureColours *colours, uint32_t colour)
{
	return *number_of(colours, colour);
}
