#include "html_token_priv.h"

#include <stdint.h>

typedef struct {
	char character;
	uint8_t n_children;
	uint16_t first_child;
	uint16_t text;
} EntityNode;

#include "html_entities_table.h"

static const EntityNode *child_of(const EntityNode *node, char character)
{
	const EntityNode *child = &entity_nodes[node->first_child];

	for (unsigned i = 0; i < node->n_children; i++)
		if (child[i].character == character)
			return &child[i];
	return NULL;
}

size_t html_entity_find(const char *text, size_t bytes, const char **ret_utf8)
{
	const EntityNode *node = entity_nodes;
	size_t found = 0;

	for (size_t i = 0; i < bytes; i++) {
		node = child_of(node, text[i]);
		if (node == NULL)
			break;
		if (node->text != 0) {
			found = i + 1;
			*ret_utf8 = entity_texts[node->text];
		}
	}
	return found;
}

/* 13.2.5.80: C1 numbers are meant as windows-1252; 0 where that code page has nothing. */
static const gunichar windows_1252[32] = {
	0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

gunichar html_entity_number(guint64 number)
{
	if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
		return 0xFFFD;
	if (number < 0x80 || number > 0x9F || windows_1252[number - 0x80] == 0)
		return (gunichar)number;
	return windows_1252[number - 0x80];
}
