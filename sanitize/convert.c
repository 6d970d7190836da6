/* convert: see convert_priv.h. */
#include "convert_priv.h"

#include "assemble_priv.h"
#include "conversion_priv.h"
#include "convert_document_priv.h"

#include <string.h>

/* ---- one document, as the pool runs it ---------------------------------------------------------------- */

/* Holds all that it needs: it may outlive the message that asked for it. */
typedef struct {
	Supervisor *supervisor; /* these two outlive the pool */
	OfficeHealth *office;
	Conf *conf;
	PolicyDefang defang;
	RenderOptions options;
	char *declared_type, *true_type, *name;
	Unread *part;
} Work;

static void work_free(void *data)
{
	Work *work = data;
	conf_unref(work->conf);
	g_free(work->declared_type);
	g_free(work->true_type);
	g_free(work->name);
	unread_unref(work->part);
	g_free(work);
}

static ConvertClaims claims_of(const char *declared_type, const char *true_type, const char *name)
{
	return (ConvertClaims) { .declared_type = declared_type, .true_type = true_type, .name = name };
}

static RenderResult *work_run(void *data, const ConvertBudget *budget, GError **error)
{
	const Work *work = data;
	/* Its jail sees this part alone, not its neighbours. */
	g_autoptr(Unread) alone = unread_isolate(work->part, error);
	if (alone == NULL)
		return NULL;
	const ConvertContext context = { .supervisor = work->supervisor,
		                         .office = work->office,
		                         .settings = conf_settings(work->conf),
		                         .text_kind = "parse",
		                         .defang = work->defang,
		                         .options = work->options };
	const ConvertClaims claims = claims_of(work->declared_type, work->true_type, work->name);
	return convert_document(&context, &claims, alone, budget, error);
}

static RenderOptions options_of(const ConvertRun *run, const MessagePart *part)
{
	const ConfLimits *limits = &conf_settings(run->conf)->limits;
	RenderOptions options = { .max_output = limits->image_pdf, .max_text = limits->text_out };
	conversion_options(part->conversion, &options);
	return options;
}

static Work *work_new(const ConvertRun *run, const MessagePart *part, Unread *unread)
{
	Work *work = g_new0(Work, 1);
	work->supervisor = run->supervisor;
	work->office = run->office;
	work->conf = conf_ref(run->conf);
	work->defang = policy_defang(run->policy);
	work->options = options_of(run, part);
	work->declared_type = g_strdup(part->declared_type);
	work->true_type = g_strdup(part->true_type);
	work->name = g_strdup(part->name);
	work->part = unread_ref(unread);
	return work;
}

/* All that the result hangs on, and nothing that a jail said: not the part's own hash, type or name, which are the
 * original's. NULL: nothing to share by. */
static char *key_of(const ConvertRun *run, const MessagePart *part)
{
	G_STATIC_ASSERT(RENDER_BESIDE_COUNT == 3);
	const ConfLimits *limits = &conf_settings(run->conf)->limits;
	const RenderOptions options = options_of(run, part);
	if (*run->original_key == '\0')
		return NULL;
	return g_strdup_printf("%s %s %s %s %s %u %u %d %d%d%d %d%d%d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	                       " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
	                       run->original_key, part->number, policy_version(run->policy), run->tenant, MUGAI_VERSION,
	                       options.dpi, options.pages, (int)options.colour, options.picture, options.searchable,
	                       options.text, options.beside[RENDER_BESIDE_CHANGES], options.beside[RENDER_BESIDE_COMMENTS],
	                       options.beside[RENDER_BESIDE_NOTES], options.max_output, options.max_text, limits->document_cpu,
	                       limits->document_wall);
}

/* ---- the parts of one message ------------------------------------------------------------------------- */

typedef struct {
	guint part;
	ConvertTicket *ticket;
} Asked;

typedef struct {
	const ConvertRun *run;
	Message *message;
	GPtrArray *texts, *pdfs;
	Asked asked[CONVERT_PER_SENDER]; /* the oldest first */
	unsigned n_asked;
} Round;

static bool is_wanted(const MessagePart *part)
{
	return part->action != PART_ACTION_REMOVE && part->conversion != NULL;
}

bool convert_is_wanted(const Message *message)
{
	for (guint i = 0; i < message->parts->len; i++)
		if (is_wanted(g_ptr_array_index(message->parts, i)))
			return true;
	return false;
}

static void attach(const Round *round, guint index, const RenderResult *result)
{
	const PartConversion *conversion =
	        ((const MessagePart *)g_ptr_array_index(round->message->parts, index))->conversion;
	RenderOptions wanted = { 0 };
	conversion_options(conversion, &wanted);
	if (wanted.picture) {
		PdfAttachment *pdf = g_new0(PdfAttachment, 1);
		pdf->part = index;
		pdf->pdf = g_bytes_ref(result->pdf);
		g_ptr_array_add(round->pdfs, pdf);
	}
	if (wanted.text) {
		TextAttachment *text = g_new0(TextAttachment, 1);
		text->part = index;
		text->text = g_strdup(result->text);
		g_ptr_array_add(round->texts, text);
	}
}

static bool settle_oldest(Round *round, GError **error)
{
	Asked oldest = round->asked[0];
	round->n_asked--;
	memmove(round->asked, round->asked + 1, round->n_asked * sizeof *round->asked);
	g_autoptr(ConvertTicket) ticket = oldest.ticket;
	g_autoptr(Converted) converted =
	        convert_ticket_wait(ticket, round->run->progress, round->run->progress_user, error);
	if (converted == NULL)
		return false;
	MessagePart *part = g_ptr_array_index(round->message->parts, oldest.part);
	if (conversion_take(part, converted_result(converted)))
		attach(round, oldest.part, converted_result(converted));
	return true;
}

static bool ask(Round *round, guint index, Unread *unread, GError **error)
{
	MessagePart *part = g_ptr_array_index(round->message->parts, index);
	if (unread == NULL) {
		/* of no byte */
		conversion_fail(part, RENDER_STATUS_NO_PAGES);
		return true;
	}
	if (round->n_asked == G_N_ELEMENTS(round->asked) && !settle_oldest(round, error))
		return false;
	g_autofree char *key = key_of(round->run, part);
	const ConvertClaims claims = claims_of(part->declared_type, part->true_type, part->name);
	const ConvertJob job = { .key = key,
		                 .sender = round->run->sender,
		                 .office = convert_may_be_office(&claims),
		                 .run = work_run,
		                 .data = work_new(round->run, part, unread),
		                 .free_data = work_free };
	ConvertTicket *ticket = convert_pool_ask(round->run->pool, &job, round->run->deadline, error);
	if (ticket == NULL)
		return false;
	round->asked[round->n_asked++] = (Asked) { index, ticket };
	return true;
}

static void give_up(Round *round)
{
	for (unsigned i = 0; i < round->n_asked; i++)
		convert_ticket_free(round->asked[i].ticket);
}

bool convert_parts(const ConvertRun *run, Message *message, const GPtrArray *unread, GPtrArray *texts, GPtrArray *pdfs,
                   GError **error)
{
	Round round = { .run = run, .message = message, .texts = texts, .pdfs = pdfs };
	bool good = true;
	for (guint i = 0; good && i < message->parts->len; i++)
		if (is_wanted(g_ptr_array_index(message->parts, i)))
			good = ask(&round, i, g_ptr_array_index(unread, i), error);
	while (good && round.n_asked > 0)
		good = settle_oldest(&round, error);
	give_up(&round);
	return good;
}
