#include "office_home_priv.h"

#include "office_registry_priv.h"
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Directories of `share` that are made, outer ones first: everything else in them is linked. In the innermost stand the files that
 * are ours. */
static const char *const real_directories[] = {
	"share",
	"share/config",
	"share/config/soffice.cfg",
	"share/config/soffice.cfg/modules",
	"share/config/soffice.cfg/modules/scalc",
	"share/config/soffice.cfg/modules/scalc/ui",
	"share/config/soffice.cfg/modules/swriter",
	"share/config/soffice.cfg/modules/swriter/ui",
};

#define UI_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<interface><requires lib=\"gtk+\" version=\"3.20\"/>\n"
#define UI_DRAWING(parent, child) \
	"<child><object class=\"GtkScrolledWindow\" id=\"scrolledwindow\">\n" \
	"<child><object class=\"GtkViewport\" id=\"" parent "\">\n" \
	"<child><object class=\"GtkDrawingArea\" id=\"" child "\"/></child>\n" \
	"</object></child></object></child>\n"
#define UI_LEAF(kind, name) "<child><object class=\"" kind "\" id=\"" name "\"/></child>\n"

/* LibreOfficeKit makes windows even where nobody will see them: Calc's input bar, and one for each comment of Writer. It cannot load the
 * document without their descriptions, which Debian's packages without windows lack. Here is the least in which it finds
 * what it asks for. */
static const struct {
	const char *directory, *name, *text;
} windows[] = {
	{ "share/config/soffice.cfg/modules/scalc/ui", "inputbar.ui",
	  UI_HEAD "<object class=\"GtkBox\" id=\"InputBar\">\n"
	          "<child><object class=\"GtkBox\" id=\"background\">\n" UI_DRAWING("viewport", "sc_input_window")
	          "</object></child>\n" UI_LEAF("GtkToggleButton", "up") UI_LEAF("GtkToggleButton", "down")
	          "</object></interface>\n" },
	{ "share/config/soffice.cfg/modules/swriter/ui", "annotation.ui",
	  UI_HEAD "<object class=\"GtkMenu\" id=\"menu\">\n" UI_LEAF("GtkMenuItem", "deleteby") "</object>\n"
	          "<object class=\"GtkBox\" id=\"Annotation\">\n" UI_DRAWING("viewport", "editview")
	          UI_LEAF("GtkLabel", "author") UI_LEAF("GtkLabel", "date") UI_LEAF("GtkLabel", "resolved")
	          "<child><object class=\"GtkMenuButton\" id=\"menubutton\">\n"
	          "<property name=\"popup\">menu</property></object></child>\n"
	          "</object></interface>\n" },
};

static bool fail(GError **error, const char *path)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "%s: %s", path, g_strerror(errno));
	return false;
}

static bool make_directory(const char *path, GError **error)
{
	return mkdir(path, 0700) == 0 || fail(error, path);
}

static bool write_file(const char *directory, const char *name, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	return g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* ---- the tree of links ---------------------------------------------------------------------- */

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(real_directories); i++) {
		const char *base = strrchr(real_directories[i], '/');
		if (base != NULL && strcmp(base + 1, name) == 0)
			return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(windows); i++)
		if (strcmp(windows[i].name, name) == 0)
			return true;
	return name[0] == '.';
}

/* A name that is ours somewhere is left out everywhere: no other directory has one of them. */
static bool link_entries(const char *from, const char *to, GError **error)
{
	DIR *directory = opendir(from);
	if (directory == NULL)
		return fail(error, from);
	bool good = true;
	for (struct dirent *entry = readdir(directory); good && entry != NULL; entry = readdir(directory)) {
		if (is_ours(entry->d_name))
			continue;
		g_autofree char *target = g_build_filename(from, entry->d_name, NULL);
		g_autofree char *name = g_build_filename(to, entry->d_name, NULL);
		good = symlink(target, name) == 0 || fail(error, name);
	}
	closedir(directory);
	return good;
}

static bool make_share(const char *home, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(real_directories); i++) {
		g_autofree char *from = g_build_filename(OFFICE_INSTALLATION, real_directories[i], NULL);
		g_autofree char *to = g_build_filename(home, real_directories[i], NULL);
		if (!make_directory(to, error))
			return false;
		/* Without Calc or Writer there is no such directory, and nothing of it to link. */
		if (access(from, F_OK) == 0 && !link_entries(from, to, error))
			return false;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(windows); i++) {
		g_autofree char *directory = g_build_filename(home, windows[i].directory, NULL);
		if (!write_file(directory, windows[i].name, windows[i].text, error))
			return false;
	}
	return true;
}

/* ---- the registry --------------------------------------------------------------------------- */

/* "7.4" of the line "ProductKey=LibreOffice 7.4". */
static char *installed_version(GError **error)
{
	g_autofree char *text = NULL;
	if (!g_file_get_contents(OFFICE_INSTALLATION "/program/bootstraprc", &text, NULL, error))
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		const char *version = g_str_has_prefix(*line, "ProductKey=") ? strrchr(*line, ' ') : NULL;
		if (version != NULL && strspn(version + 1, "0123456789.") == strlen(version + 1))
			return g_strdup(version + 1);
	}
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "%s names no version",
	            OFFICE_INSTALLATION "/program/bootstraprc");
	return NULL;
}

static bool make_registry(const char *home, GError **error)
{
	g_autofree char *directory = g_build_filename(home, "registry", NULL);
	g_autofree char *version = installed_version(error);
	if (version == NULL)
		return false;
	g_autofree char *lock = office_registry_lock(version);
	return make_directory(directory, error) && write_file(directory, "zz-mugai.xcd", lock, error);
}

/* ---- the environment ------------------------------------------------------------------------ */

/* LibreOffice takes its bootstrap variables from the environment before its own files. Layers of the registry, the later above the
 * earlier: the installation's, ours, translations, the user's. Those of extensions and of dconf are left out: what is
 * not named is not read. ${} is for LibreOffice to fill in. */
static void set_environment(const char *home)
{
	g_autofree char *layers = g_strdup_printf(
		"xcsxcu:file:///etc/libreoffice/registry xcsxcu:file://%s/registry "
		"res:file:///etc/libreoffice/registry "
		"user:!${$BRAND_BASE_DIR/program/bootstraprc:UserInstallation}/user/registrymodifications.xcu",
		home);
	g_autofree char *share = g_strdup_printf("../../..%s/share", home);
	g_autofree char *temporary = g_build_filename(home, "tmp", NULL);
	const struct {
		const char *name, *value;
	} variables[] = {
		{ "CONFIGURATION_LAYERS", layers },
		{ "BRAND_SHARE_SUBDIR", share },
		{ "HOME", home },
		{ "TMPDIR", temporary },
		{ "LC_ALL", "C.UTF-8" },
		{ "SAL_DISABLE_OPENCL", "1" },
		{ "SAL_RAND_REPEATABLE", "1" }, /* the same document, the same pages */
		{ "SAL_DISABLE_PRINTERLIST", "1" },
		{ "SAL_USE_VCLPLUGIN", "svp" },
	};
	clearenv();
	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
		g_setenv(variables[i].name, variables[i].value, TRUE);
}

char *office_home_profile_url(const char *directory)
{
	return g_strdup_printf("file://%s/profile", directory);
}

bool office_home_make(const char *directory, GError **error)
{
	g_autofree char *profile = g_build_filename(directory, "profile", NULL);
	g_autofree char *temporary = g_build_filename(directory, "tmp", NULL);
	if (!make_directory(profile, error) || !make_directory(temporary, error) ||
	    !make_share(directory, error) || !make_registry(directory, error))
		return false;
	set_environment(directory);
	return true;
}
