/* Two libraries start threads whether one wants them or not: pango one for every font it looks for
 * (g_thread_new), libheif one for libde265 (de265_start_worker_threads). In the jail, where a thread kills,
 * and after fork() both would be the end of every such picture. Neither can be told not to. Therefore these
 * two functions stand in the executable, where the dynamic linker finds them before the libraries' own;
 * draw_image_warm_up() proves that it did. */
#include "draw_image_priv.h"

#include <dlfcn.h>

static unsigned avoided;

unsigned image_threads_avoided(void)
{
	return avoided;
}

typedef GThread *(*NewThread)(const gchar *name, GThreadFunc function, gpointer data);

/* In place of GLib's. What pango's thread would have done (FcFontSetMatch, FcFontSetSort) is done when this
 * returns. Its third one, FcInit, is started under a lock that it takes itself, and stays a thread: it
 * happens in the warm-up, before any jail, and ends there. */
GThread *g_thread_new(const gchar *name, GThreadFunc function, gpointer data)
{
	NewThread new_thread = NULL;

	if (name != NULL && g_str_has_prefix(name, "[pango] FcFontSet")) {
		avoided++;
		function(data);
		return g_thread_ref(g_thread_self());
	}
	*(void **)&new_thread = dlsym(RTLD_NEXT, "g_thread_new");
	return new_thread(name, function, data);
}

/* In place of libde265's: without workers it decodes in the calling thread. 0 is its DE265_OK. */
int de265_start_worker_threads(void *context, int threads);

int de265_start_worker_threads(void *context, int threads)
{
	(void)context;
	(void)threads;
	avoided++;
	return 0;
}
