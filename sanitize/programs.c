#include "programs.h"

#include <glib.h>
#include <unistd.h>

static char *find_directory(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *beside = self != NULL ? g_path_get_dirname(self) : NULL;
	const char *const places[] = { beside, MUGAI_LIBEXEC };
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		if (places[i] == NULL)
			continue;
		g_autofree char *parser = g_build_filename(places[i], "mugai-parse", NULL);
		if (access(parser, X_OK) == 0)
			return g_strdup(places[i]);
	}
	return NULL;
}

const char *programs_directory(void)
{
	static gsize looked;
	static char *directory;
	if (g_once_init_enter(&looked)) {
		directory = find_directory();
		g_once_init_leave(&looked, 1);
	}
	return directory;
}

char *programs_path(const char *name)
{
	const char *directory = programs_directory();
	return directory != NULL ? g_build_filename(directory, name, NULL) : NULL;
}
