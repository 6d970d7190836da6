/* convert: the step between decision and clean message: each part that the policy wants converted goes to the pool of
 * documents, and what comes back is noted on it. Trusted. */
#ifndef MUGAI_SANITIZE_CONVERT_PRIV_H
#define MUGAI_SANITIZE_CONVERT_PRIV_H

#include "convert_pool_priv.h"
#include "message_priv.h"
#include "office_health_priv.h"
#include "sanitize.h"

G_BEGIN_DECLS

typedef struct {
	ConvertPool *pool;
	Supervisor *supervisor;
	OfficeHealth *office;
	Conf *conf;
	const Policy *policy;
	const char *tenant;
	const char *sender;       /* envelope */
	const char *original_key; /* of original_key(), "" = none: nothing is shared */
	int64_t deadline;         /* monotonic, microseconds */
	ProgressFunc progress;
	void *progress_user;
} ConvertRun;

/* Whether some part is to be converted. */
bool convert_is_wanted(const Message *message);

/* unread: of Unread or NULL, one for each part. texts, pdfs: of TextAttachment and PdfAttachment, to which what was made is
 * added. False: the environment's fault (CELL_ERROR), try again; what was drawn is kept for that. */
bool convert_parts(const ConvertRun *run, Message *message, const GPtrArray *unread, GPtrArray *texts, GPtrArray *pdfs,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

#endif
