/* mugai-office: reads Office documents in jails, one process each. */
#include "office_profile_priv.h"
#include "office_worker_priv.h"

/* The most of one answer: the text in pieces, a few dozen numbers, one range. */
enum { ANSWER_RECORDS = 100 * 1000 };
static const uint64_t answer_bytes = UINT64_C(256) << 20;

static bool settle(GError **error)
{
	return office_worker_settle(error) && jail_close_code(error);
}

int main(int argc, char **argv)
{
	const WorkerSpec spec = { .name = "mugai-office",
		                  .profile = &office_profile,
		                  .max_records = ANSWER_RECORDS,
		                  .max_bytes = answer_bytes,
		                  .warm_up = office_worker_warm_up,
		                  .settle = settle,
		                  .run = office_worker_run };
	return worker_main(argc, argv, &spec);
}
