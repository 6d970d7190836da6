/* office_list: numbers of lists and headings, as LibreOffice shows them and does not write them. Jailed code.
 *
 * A list is one row of counters, for each level one; lists that go on share theirs. Linear; memory: some 100 bytes a list.
 */
#ifndef MUGAI_RENDER_OFFICE_LIST_PRIV_H
#define MUGAI_RENDER_OFFICE_LIST_PRIV_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { OFFICE_LIST_LEVELS = 10 };

typedef struct OfficeLists OfficeLists;
typedef struct OfficeCounters OfficeCounters;

OfficeLists *office_lists_new(void);
void office_lists_free(OfficeLists *lists);

/* Begins a style of lists; NULL: that of headings. */
void office_lists_style(OfficeLists *lists, const char *name);
/* One level of it: from its attributes. number: it has numbers, else signs. */
void office_lists_level(OfficeLists *lists, const char *const *attributes, bool number);

/* The counters of a list: those of the list `continued` (an id), or of the last one of that style where it goes on, or new ones. Any string may be NULL. Valid as long as
 * `lists`. */
OfficeCounters *office_lists_open(OfficeLists *lists, const char *id, const char *style, const char *continued, bool goes_on);

/* The next item at level (from 0; deeper ones are as the last) in that style (NULL: of headings): its label, with a blank behind it; "" when it has none. start:
 * its number if it has one of its own, else negative. Valid until the next call. */
const char *office_lists_next(OfficeLists *lists, OfficeCounters *counters, const char *style, unsigned level, int64_t start);
/* Of headings. */
OfficeCounters *office_lists_outline(OfficeLists *lists);

G_END_DECLS

#endif
