/* No option that LibreOfficeKit takes for loading may be used here: some of them weaken the lock. */
#include "office_kit_priv.h"

#include "office_home_priv.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOK_USE_UNSTABLE_API 1
#include <LibreOfficeKit/LibreOfficeKit.h>

#define PROGRAM OFFICE_INSTALLATION "/program"
#define MERGED "libmergedlo.so" /* most of LibreOffice */

/* LibreOfficeKitDocumentType: the header that says so is not C. */
enum { SHEET_ROWS = 1048576, SHEETS_LOOKED_AT = 64 };
enum { CALLBACK_COMMAND_RESULT = 16 }; /* of LibreOfficeKitCallbackType */
enum { COMMAND_US = 300 * 1000 };       /* most take 1 ms */
enum { TYPE_TEXT = 0, TYPE_SPREADSHEET = 1, TYPE_PRESENTATION = 2, TYPE_DRAWING = 3 };

typedef LibreOfficeKit *(*StartFunction)(const char *program, const char *profile_url);

static LibreOfficeKit *kit;
static LibreOfficeKitDocument *document;

/* ---- start ---------------------------------------------------------------------------------- */

static bool fail(GError **error, const char *what, const char *why)
{
	g_set_error(error, CELL_ERROR, CELL_ERROR_UNAVAILABLE, "LibreOffice: %s: %s", what, why);
	return false;
}

static void *library(const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(PROGRAM, name, NULL);
	void *loaded = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (loaded == NULL)
		fail(error, name, dlerror());
	return loaded;
}

/* Beside the first: what most documents of a family need. Where it is not installed, such documents are not converted. */
static const char *const preloaded[] = {
	"libswlo.so",          "libwriterfilterlo.so", "libmswordlo.so",       "libsclo.so",
	"libscfiltlo.so",      "libsdlo.so",           "libooxlo.so",          "libpdffilterlo.so",
	"libfilelo.so",        "libchartcorelo.so",    "libxolo.so",           "libucppkg1.so",
	"libxmlsecurity.so",   "libexpwraplo.so",      "libstocserviceslo.so", "libpdfiumlo.so",
	"libsal_textenclo.so",
};

bool office_kit_preload(GError **error)
{
	if (library(MERGED, error) == NULL)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(preloaded); i++)
		(void)library(preloaded[i], NULL);
	return true;
}

bool office_kit_start(const char *home, GError **error)
{
	g_autofree char *profile = office_home_profile_url(home);
	void *merged = library(MERGED, error);
	if (merged == NULL)
		return false;
	StartFunction start = NULL;
	*(void **)&start = dlsym(merged, "libreofficekit_hook_2");
	if (start == NULL)
		return fail(error, MERGED, "no LibreOfficeKit");
	kit = start(PROGRAM, profile);
	return kit != NULL || fail(error, "start", "no answer");
}

bool office_kit_has(OfficeFamily family)
{
	static const char *const libraries[OFFICE_FAMILY_COUNT] = {
		[OFFICE_FAMILY_WRITER] = PROGRAM "/libswlo.so",
		[OFFICE_FAMILY_CALC] = PROGRAM "/libsclo.so",
		[OFFICE_FAMILY_IMPRESS] = PROGRAM "/libsdlo.so",
	};
	return access(libraries[family], R_OK) == 0;
}

/* ---- load ----------------------------------------------------------------------------------- */

static bool is_of(OfficeFamily family, int type)
{
	switch (type) {
	case TYPE_TEXT:
		return family == OFFICE_FAMILY_WRITER;
	case TYPE_SPREADSHEET:
		return family == OFFICE_FAMILY_CALC;
	case TYPE_PRESENTATION:
	case TYPE_DRAWING:
		return family == OFFICE_FAMILY_IMPRESS;
	default:
		return false;
	}
}

RenderStatus office_kit_load(const char *path, OfficeFamily family)
{
	document = kit->pClass->documentLoad(kit, path);
	if (document == NULL) {
		g_autofree char *why = g_strdup(kit->pClass->getError(kit));
		return why != NULL && strstr(why, "type detection aborted") != NULL ? RENDER_STATUS_ENCRYPTED
		                                                                    : RENDER_STATUS_DAMAGED;
	}
	return is_of(family, document->pClass->getDocumentType(document)) ? RENDER_STATUS_COMPLETE
	                                                                  : RENDER_STATUS_DAMAGED;
}

void office_kit_close(void)
{
	if (document != NULL)
		document->pClass->destroy(document);
	document = NULL;
}

/* LibreOffice does commands in a thread of its own, later; only who has asked to be called back learns when. */
static GMutex mutex;
static GCond done;
static const char *awaited; /* the command's name, which the answer repeats */
static bool is_done;

static void called_back(int type, const char *payload, void *user)
{
	(void)user;
	if (type != CALLBACK_COMMAND_RESULT || payload == NULL || strstr(payload, awaited) == NULL)
		return;
	g_mutex_lock(&mutex);
	is_done = true;
	g_cond_signal(&done);
	g_mutex_unlock(&mutex);
}

static bool await_answer(gint64 until)
{
	g_mutex_lock(&mutex);
	bool waiting = true;
	while (!is_done && waiting)
		waiting = g_cond_wait_until(&done, &mutex, until);
	bool answered = is_done;
	g_mutex_unlock(&mutex);
	return answered;
}

/* Now and then the answer is lost (of 7.4, of one in thirty on a busy host): its loop sleeps with the answer in its queue, and the
 * same command once more wakes it. All that are given here may be done twice. Answers come in the order of the
 * commands, so that a late one is never taken for that of another. One that never comes is the supervisor's to end. */
static void command(const char *name, const char *arguments)
{
	awaited = name;
	is_done = false;
	document->pClass->registerCallback(document, called_back, NULL);
	for (bool over = false; !over;) {
		document->pClass->postUnoCommand(document, name, arguments, true);
		over = await_answer(g_get_monotonic_time() + COMMAND_US);
	}
	document->pClass->registerCallback(document, NULL, NULL);
}

/* Twips; of the sheet that is in front. */
static long height(void)
{
	long width = 0, high = 0;
	document->pClass->getDocumentSize(document, &width, &high);
	return high;
}

unsigned office_kit_cut_sheets(unsigned rows)
{
	g_autofree char *beyond = g_strdup_printf("{\"ToPoint\":{\"type\":\"string\",\"value\":\"A%u:A%u\"}}",
	                                          rows + 1, SHEET_ROWS);
	unsigned cut = 0;
	int sheets = MIN(document->pClass->getParts(document), SHEETS_LOOKED_AT);
	for (int i = 0; i < sheets; i++) {
		document->pClass->setPart(document, i);
		long before = height();
		command(".uno:GoToCell", beyond);
		command(".uno:DeleteRows", "{}");
		cut += height() < before ? 1 : 0;
	}
	return cut;
}

void office_kit_show_changes(bool shown)
{
	command(".uno:ShowTrackedChanges",
	        shown ? "{\"ShowTrackedChanges\":{\"type\":\"boolean\",\"value\":\"true\"}}"
	              : "{\"ShowTrackedChanges\":{\"type\":\"boolean\",\"value\":\"false\"}}");
}

unsigned office_kit_count_comments(void)
{
	static const char once[] = "\"cellPos\":"; /* in each; a quote in what somebody wrote is escaped */
	char *json = document->pClass->getCommandValues(document, ".uno:ViewAnnotations");
	unsigned count = 0;
	for (const char *at = json; at != NULL && (at = strstr(at, once)) != NULL; at += strlen(once))
		count++;
	free(json);
	return count;
}

void office_kit_show_comments(bool shown)
{
	int sheets = MIN(document->pClass->getParts(document), SHEETS_LOOKED_AT);
	for (int i = 0; i < sheets; i++) {
		document->pClass->setPart(document, i);
		command(shown ? ".uno:ShowAllNotes" : ".uno:HideAllNotes", "{}");
	}
}

/* ---- save ----------------------------------------------------------------------------------- */

static RenderStatus save(const char *path, const char *format, const char *options)
{
	return document->pClass->saveAs(document, path, format, options) ? RENDER_STATUS_COMPLETE
	                                                                 : RENDER_STATUS_DAMAGED;
}

RenderStatus office_kit_save_pdf(const char *path, const OfficeKitPdf *options)
{
	g_autofree char *url = g_strconcat("file://", path, NULL);
	g_autofree char *json =
	        g_strdup_printf("{\"PageRange\":{\"type\":\"string\",\"value\":\"1-%u\"},"
	                        "\"ExportNotesPages\":{\"type\":\"boolean\",\"value\":\"%s\"},"
	                        "\"ExportNotes\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"ExportHiddenSlides\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"ExportBookmarks\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"ExportFormFields\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"UseTransitionEffects\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"UseTaggedPDF\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"SinglePageSheets\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"UseLosslessCompression\":{\"type\":\"boolean\",\"value\":\"false\"},"
	                        "\"Quality\":{\"type\":\"long\",\"value\":\"90\"},"
	                        "\"ReduceImageResolution\":{\"type\":\"boolean\",\"value\":\"true\"},"
	                        "\"MaxImageResolution\":{\"type\":\"long\",\"value\":\"300\"}}",
	                        options->pages, options->notes ? "true" : "false");
	return save(url, "pdf", json);
}

const char *office_kit_flat_name(void)
{
	switch (document->pClass->getDocumentType(document)) {
	case TYPE_SPREADSHEET:
		return "fods";
	case TYPE_PRESENTATION:
		return "fodp";
	case TYPE_DRAWING:
		return "fodg";
	default:
		return "fodt";
	}
}

RenderStatus office_kit_save_flat(const char *path)
{
	g_autofree char *url = g_strconcat("file://", path, NULL);
	return save(url, office_kit_flat_name(), NULL);
}
