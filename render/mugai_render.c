/* mugai-render: draws documents in jails. */
#include "render_profile_priv.h"
#include "render_worker_priv.h"

/* The most of one answer: a word for each character of RENDER_TOTAL_CHARS. */
enum { ANSWER_RECORDS = 8 * 1000 * 1000 };
static const uint64_t answer_bytes = UINT64_C(1) << 30;

static bool warm_up(GError **error)
{
	if (!draw_image_warm_up(error))
		return false;
	if (!draw_text_warm_up(error))
		return false;
	return draw_pdf_warm_up(error);
}

int main(int argc, char **argv)
{
	const WorkerSpec spec = { .name = "mugai-render",
		                  .profile = &render_profile,
		                  .max_records = ANSWER_RECORDS,
		                  .max_bytes = answer_bytes,
		                  .warm_up = warm_up,
		                  .run = render_worker_run };
	return worker_main(argc, argv, &spec);
}
