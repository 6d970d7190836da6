/* One Office document: until LibreOffice is behind this, every one is of an unknown kind. */
#include "office_worker_priv.h"
#include "office_priv.h"

bool office_worker_settle(GError **error)
{
	(void)error;
	return true;
}

bool office_worker_run(const WorkerJob *job, PlainWriter *out, GError **error)
{
	(void)job;
	return plain_write_end(out, RENDER_STATUS_UNSUPPORTED, error);
}
