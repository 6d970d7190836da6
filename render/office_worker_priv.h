/* office_worker: one Office document, in the jail. Jailed half only. */
#ifndef MUGAI_RENDER_OFFICE_WORKER_PRIV_H
#define MUGAI_RENDER_OFFICE_WORKER_PRIV_H

#include "worker.h"

/* WorkerSpec.warm_up: fonts, and the libraries of LibreOffice, which start no thread when they are only loaded. */
bool office_worker_warm_up(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* WorkerSpec.settle: starts the library, in JAIL_PRIVATE. Takes a good part of a second. */
bool office_worker_settle(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* WorkerSpec.run. */
bool office_worker_run(const WorkerJob *job, PlainWriter *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
