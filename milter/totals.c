/* totals: see totals_priv.h. */
#include "totals_priv.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TOTALS_BYTES_MAX = 1024, TOTALS_VERSION = 1 };

struct Totals {
	char *path;
	int64_t since;
	SanitizeStatus base;    /* before the start of this process */
	SanitizeStatus written; /* since the start, as the file has it */
	bool failing;
};

#define AT(member) offsetof(SanitizeStatus, member)

/* One line each: name and number. */
static const struct {
	const char *name;
	size_t offset;
} counters[] = {
	{ "delivered", AT(delivered) },
	{ "notice_only", AT(notice_only) },
	{ "held", AT(held) },
	{ "refused", AT(refused) },
	{ "discarded", AT(discarded) },
	{ "failed_content", AT(failed_content) },
	{ "failed_environment", AT(failed_environment) },
};

static uint64_t *counter(SanitizeStatus *status, size_t i)
{
	return (uint64_t *)(void *)((char *)status + counters[i].offset);
}

static uint64_t counter_of(const SanitizeStatus *status, size_t i)
{
	return *(const uint64_t *)(const void *)((const char *)status + counters[i].offset);
}

/* ---- reading --------------------------------------------------------------------------------------- */

/* False: no file, or more than one of ours has. */
static bool read_text(const char *path, char *ret_text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, ret_text, TOTALS_BYTES_MAX);
	close(fd);
	ret_text[MAX(n, 0)] = '\0';
	errno = EBADMSG;
	return n > 0 && n < TOTALS_BYTES_MAX;
}

/* "name number", and nothing else. */
static bool read_line(const char *line, const char *name, uint64_t *ret_number)
{
	size_t length = strlen(name);
	return strncmp(line, name, length) == 0 && line[length] == ' ' &&
	       g_ascii_string_to_unsigned(line + length + 1, 10, 0, G_MAXINT64, ret_number, NULL);
}

/* All lines in their order, or it is damaged as a whole: half of the figures would be wrong ones. */
static bool decode(Totals *totals, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	SanitizeStatus base = { 0 };
	uint64_t version = 0, since = 0;
	if (g_strv_length(lines) != G_N_ELEMENTS(counters) + 3 ||
	    !read_line(lines[0], "mugai-totals", &version) || version != TOTALS_VERSION ||
	    !read_line(lines[1], "since", &since))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		if (!read_line(lines[i + 2], counters[i].name, counter(&base, i)))
			return false;
	totals->base = base;
	totals->since = (int64_t)since;
	return true;
}

Totals *totals_open(const char *state_directory)
{
	char text[TOTALS_BYTES_MAX + 1];
	Totals *totals = g_new0(Totals, 1);
	totals->path = g_build_filename(state_directory, "totals", NULL);
	totals->since = g_get_real_time() / G_USEC_PER_SEC;
	errno = 0;
	if (read_text(totals->path, text) && decode(totals, text))
		return totals;
	if (errno == ENOENT)
		log_info("%s: none yet: messages are counted in all from now on", totals->path);
	else
		log_warning("%s: damaged: messages are counted in all from 0 on", totals->path);
	return totals;
}

/* ---- writing --------------------------------------------------------------------------------------- */

SanitizeStatus totals_now(const Totals *totals, const SanitizeStatus *since_start, int64_t *ret_since)
{
	SanitizeStatus now = *since_start;
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		*counter(&now, i) += counter_of(&totals->base, i);
	*ret_since = totals->since;
	return now;
}

static bool changed(const Totals *totals, const SanitizeStatus *since_start)
{
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		if (counter_of(&totals->written, i) != counter_of(since_start, i))
			return true;
	return false;
}

static bool write_file(const Totals *totals, const SanitizeStatus *since_start, GError **error)
{
	int64_t since = 0;
	const SanitizeStatus now = totals_now(totals, since_start, &since);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_printf(text, "mugai-totals %d\nsince %" G_GINT64_FORMAT "\n", TOTALS_VERSION, since);
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", counters[i].name,
		                       counter_of(&now, i));
	return g_file_set_contents_full(totals->path, text->str, (gssize)text->len,
	                                G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

bool totals_write(Totals *totals, const SanitizeStatus *since_start)
{
	g_autoptr(GError) error = NULL;
	if (!changed(totals, since_start))
		return true;
	if (!write_file(totals, since_start, &error)) {
		if (!totals->failing)
			log_warning("%s: not written: %s", totals->path, error->message);
		totals->failing = true;
		return false;
	}
	totals->failing = false;
	totals->written = *since_start;
	return true;
}
