/* Two libraries start threads whether one wants them or not: pango one for every font it looks for
 * (g_thread_new), libheif one for libde265 (de265_start_worker_threads). In the jail, where a thread kills,
 * and after fork() both would be the end of every such picture. Neither can be told not to. Therefore these
 * two functions stand in the executable, where the dynamic linker finds them before the libraries' own;
 * draw_image_warm_up() proves that it did. */
#include "draw_image_priv.h"

#include <pthread.h>
#include <string.h>

static unsigned avoided;

unsigned image_threads_avoided(void)
{
	return avoided;
}

typedef struct {
	GThreadFunc function;
	gpointer data;
} Start;

static void *run_start(void *user)
{
	Start *start = user;
	GThreadFunc function = start->function;
	gpointer data = start->data;

	g_free(start);
	return function(data);
}

/* FcInit() is started under a lock that it takes itself, and thus is the one that has to be a thread: it
 * happens in the warm-up, before any jail, and ends there. */
static void run_as_thread(GThreadFunc function, gpointer data)
{
	Start *start = g_new(Start, 1);
	pthread_t thread;

	*start = (Start) { function, data };
	if (pthread_create(&thread, NULL, run_start, start) != 0)
		g_error("no thread for the warm-up");
	pthread_detach(thread);
}

/* In place of glib's: what the thread would have done is done when this returns. */
GThread *g_thread_new(const gchar *name, GThreadFunc function, gpointer data)
{
	if (name != NULL && strstr(name, "FcInit") != NULL) {
		run_as_thread(function, data);
	} else {
		avoided++;
		function(data);
	}
	return g_thread_ref(g_thread_self());
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
