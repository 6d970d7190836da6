/* render_worker: the jailed half of the render wire (render_client.c is the trusted one). */
#ifndef MUGAI_RENDER_RENDER_WORKER_PRIV_H
#define MUGAI_RENDER_RENDER_WORKER_PRIV_H

#include "draw_priv.h"
#include "worker.h"

/* WorkerSpec.run of mugai-render: draws the job's one input and writes the whole answer. */
bool render_worker_run(const WorkerJob *job, PlainWriter *out, GError **error);

#endif
