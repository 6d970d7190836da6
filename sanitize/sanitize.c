/* The life of a message. Read sanitize_message() at the end first; what stands above it are its steps, in
 * their order.
 *
 *   keep the original -> wait for a slot -> parse (jail) -> decide -> convert -> assemble -> audit
 *
 * Containers and scanning will stand between parse and decide.
 * A GError from any step means: not delivered, try again. The original never takes another way. */
#include "sanitize.h"
#include "audit_priv.h"
#include "convert_priv.h"
#include "failures_priv.h"
#include "original_priv.h"
#include "parse_client_priv.h"
#include "policy_priv.h"
#include "report_priv.h"
#include "slots_priv.h"

#include <string.h>

enum {
	SANITIZE_HOPS_MAX = 100,
	SANITIZE_ZONE_JST = 9 * 60, /* minutes; for dates that we make */
	PARSE_SPARE = 4,
	PARSE_MAXIMUM = 80,
	RENDER_SPARE = 1,
	RENDER_TRY_BYTES = 1 << 20, /* of a child that is to show that it can be had, and gets no job */
	RENDER_TRY_MS = 10000,
	RENDER_LEAVES = 1 << 30, /* bytes for those who only have text: so a parser or two */
	/* Messages that may wait for their documents as long as these take: fewer than edge delivers at once
	 * (30 in our samples), or all of its deliveries would wait for documents, and no text mail would come
	 * in. */
	CONVERT_MESSAGES_MAX = 20,
	CONVERT_MESSAGES_PER_SENDER = 10,
	CONVERT_PATIENCE_MS = 3000, /* the others, until they come again: most documents are drawn by then */
	SANITIZE_WRITE_SHARE = 20,  /* of so many parts of limits.total one is for writing the message */
};

struct Sanitizer {
	GMutex lock;
	Slots *slots;
	ConvertPool *pool;
	GQueue converting; /* of Run, the oldest first */
	Conf *conf;
	Policy *policy;
	Audit *audit;
	Failures *failures; /* lives as long as this: state.directory changes at a restart only */
	Supervisor *supervisor;
	OfficeHealth *office;
	const Tenant *tenant;
	SanitizeStatus status;
};

/* What one message carries from step to step. */
typedef struct {
	Sanitizer *sanitizer;
	Conf *conf;
	const ConfSettings *settings;
	Policy *policy;
	Audit *audit;
	const SanitizeEnvelope *envelope;
	ProgressFunc progress;
	void *progress_user;
	int64_t started; /* microseconds, monotonic */
	int64_t deadline;

	Slot slot;
	bool wants_slow; /* its parser was ended, since the slow lane was full */
	Sealed *sealed;
	char *id;
	char *failure_key;
	ParseResult *parsed;
	bool unreadable; /* too large, or broke the parser FAILURES_MAX times: only the header was read */
	PolicyDecision decision;
	unsigned hops;
	int64_t convert_started;
	GPtrArray *texts, *pdfs; /* of TextAttachment and PdfAttachment: what was made of the parts */
	CleanMessage *clean;
	Report report;
} Run;

const SupervisorKind *sanitize_kinds(const char *directory, unsigned *ret_count)
{
	static SupervisorKind kinds[3];
	static char *programs[2], *office;
	static const char *const names[] = { "mugai-parse", "mugai-render" };
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_free(programs[i]);
		programs[i] = g_build_filename(directory, names[i], NULL);
	}
	kinds[0] = (SupervisorKind) { .name = "parse",
		                      .executable = programs[0],
		                      .spare = PARSE_SPARE,
		                      .maximum = PARSE_MAXIMUM };
	kinds[1] = (SupervisorKind) { .name = "render",
		                      .executable = programs[1],
		                      .spare = RENDER_SPARE,
		                      .on_demand = true,
		                      .leaves = RENDER_LEAVES,
		                      .maximum = CONVERT_THREADS + RENDER_SPARE };
	*ret_count = office_kind(directory, OFFICE_SPARE, &office, &kinds[2]) ? 3 : 2;
	kinds[2].leaves = RENDER_LEAVES;
	return kinds;
}

/* ---- the machine ------------------------------------------------------------------------------------ */

static Audit *open_audit(const Conf *conf, GError **error)
{
	const ConfSettings *settings = conf_settings(conf);
	return audit_open(settings->audit_file, settings->work_user, error);
}

/* Takes the audit. */
static Sanitizer *make_sanitizer(Conf *conf, Policy *policy, Supervisor *supervisor, const Tenant *tenant,
                                 Audit *audit)
{
	Sanitizer *sanitizer = g_new0(Sanitizer, 1);
	g_mutex_init(&sanitizer->lock);
	sanitizer->slots = slots_new(g_get_num_processors() / 2);
	sanitizer->pool = convert_pool_new();
	sanitizer->conf = conf_ref(conf);
	sanitizer->policy = policy_ref(policy);
	sanitizer->audit = audit;
	sanitizer->failures = failures_new(conf_settings(conf)->state_directory);
	sanitizer->supervisor = supervisor;
	sanitizer->office = office_health_new(supervisor);
	sanitizer->tenant = tenant;
	return sanitizer;
}

Sanitizer *sanitizer_new(Conf *conf, Policy *policy, Supervisor *supervisor, const Tenant *tenant,
                         GError **error)
{
	Audit *audit = open_audit(conf, error);
	return audit != NULL ? make_sanitizer(conf, policy, supervisor, tenant, audit) : NULL;
}

Sanitizer *sanitizer_new_for_explain(Conf *conf, Policy *policy, Supervisor *supervisor, const Tenant *tenant)
{
	return make_sanitizer(conf, policy, supervisor, tenant, audit_open("", "", NULL));
}

void sanitizer_free(Sanitizer *sanitizer)
{
	if (sanitizer == NULL)
		return;
	convert_pool_free(sanitizer->pool);
	office_health_free(sanitizer->office);
	conf_unref(sanitizer->conf);
	policy_unref(sanitizer->policy);
	audit_unref(sanitizer->audit);
	failures_free(sanitizer->failures);
	g_mutex_clear(&sanitizer->lock);
	slots_free(sanitizer->slots);
	g_free(sanitizer);
}

/* Children in work or waiting prove that their zygote is well, though none is free. */
static bool has_renderer(Supervisor *supervisor)
{
	SupervisorStatus status = { 0 };
	if (!supervisor_status(supervisor, &status, NULL))
		return false;
	for (unsigned i = 0; i < status.n_kinds; i++)
		if (strcmp(status.kinds[i].name, "render") == 0)
			return status.kinds[i].running + status.kinds[i].spare > 0;
	return false;
}

/* As at a start with such a policy: else every document would fail, and its mail come again and again. */
static bool demand_renderer(Supervisor *supervisor, const Policy *policy, GError **error)
{
	const ChildRequest request = { .kind = "render",
		                       .memory = RENDER_TRY_BYTES,
		                       .cpu_ms = RENDER_TRY_MS,
		                       .wall_ms = RENDER_TRY_MS,
		                       .wait_ms = RENDER_TRY_MS };
	g_autoptr(GError) refused = NULL;
	if (!policy_converts(policy) || has_renderer(supervisor))
		return true;
	g_autoptr(Child) child = supervisor_child(supervisor, &request, &refused);
	if (child != NULL || has_renderer(supervisor))
		return true;
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT,
	            "the policy converts parts, but mugai-render does not start: %s", refused->message);
	return false;
}

bool sanitizer_reload(Sanitizer *sanitizer, Conf *conf, Policy *policy, GError **error)
{
	if (!demand_renderer(sanitizer->supervisor, policy, error))
		return false;
	/* Opened anew each time, so that a rotated file is let go. */
	g_autoptr(Audit) audit = open_audit(conf, error);
	if (audit == NULL)
		return false;
	g_mutex_lock(&sanitizer->lock);
	Conf *old_conf = sanitizer->conf;
	Policy *old_policy = sanitizer->policy;
	Audit *old_audit = sanitizer->audit;
	sanitizer->conf = conf_ref(conf);
	sanitizer->policy = policy_ref(policy);
	audit_continue(audit, old_audit);
	sanitizer->audit = g_steal_pointer(&audit);
	g_mutex_unlock(&sanitizer->lock);
	/* Messages in work hold references of their own. */
	conf_unref(old_conf);
	policy_unref(old_policy);
	audit_unref(old_audit);
	return true;
}

bool sanitizer_check_audit(Sanitizer *sanitizer, GError **error)
{
	g_mutex_lock(&sanitizer->lock);
	g_autoptr(Audit) audit = audit_ref(sanitizer->audit);
	g_mutex_unlock(&sanitizer->lock);
	return audit_check(audit, error);
}

uint64_t sanitize_document_memory(void)
{
	return render_memory();
}

void sanitizer_test_office(Sanitizer *sanitizer, void (*told)(void *user), void *told_user)
{
	office_health_test(sanitizer->office, told, told_user);
}

/* The halves know the same families. */
G_STATIC_ASSERT((int)SANITIZE_OFFICE_FAMILIES == (int)OFFICE_FAMILY_COUNT);
G_STATIC_ASSERT(sizeof ((SanitizeOffice *)NULL)->families[0].why == sizeof ((OfficeTest *)NULL)->why);

void sanitizer_office(Sanitizer *sanitizer, SanitizeOffice *ret_office)
{
	static const char *const states[] = { [OFFICE_UNTESTED] = "not-tested",
		                              [OFFICE_TESTING] = "testing",
		                              [OFFICE_TESTED] = "tested" };
	OfficeTest tests[OFFICE_FAMILY_COUNT];
	*ret_office = (SanitizeOffice) { 0 };
	ret_office->state = states[office_health_status(sanitizer->office, &ret_office->when, tests)];
	for (OfficeFamily family = 0; family < OFFICE_FAMILY_COUNT; family++) {
		ret_office->families[family].name = office_family_name(family);
		ret_office->families[family].works = tests[family].works;
		memcpy(ret_office->families[family].why, tests[family].why, sizeof tests[family].why);
	}
}

bool sanitizer_converts(Sanitizer *sanitizer)
{
	g_mutex_lock(&sanitizer->lock);
	bool converts = policy_converts(sanitizer->policy);
	g_mutex_unlock(&sanitizer->lock);
	return converts;
}

void sanitizer_status(Sanitizer *sanitizer, SanitizeStatus *ret_status)
{
	ConvertStatus documents;
	convert_pool_status(sanitizer->pool, &documents);
	g_mutex_lock(&sanitizer->lock);
	*ret_status = sanitizer->status;
	g_mutex_unlock(&sanitizer->lock);
	SlotsStatus slots;
	slots_status(sanitizer->slots, &slots);
	ret_status->in_work = slots.quick + slots.slow;
	ret_status->waiting = slots.quick_waiting + slots.slow_waiting;
	ret_status->slow = slots.slow;
	ret_status->slow_waiting = slots.slow_waiting;
	ret_status->turned_away = slots.turned_away;
	ret_status->slowed = slots.slowed;
	ret_status->documents = documents.in_work;
	ret_status->documents_waiting = documents.waiting;
	ret_status->documents_drawn = documents.drawn;
	ret_status->documents_shared = documents.shared;
}

/* ---- one run ---------------------------------------------------------------------------------------- */

static unsigned ms_since(int64_t start)
{
	return (unsigned)((g_get_monotonic_time() - start) / 1000);
}

static uint32_t ms_left(const Run *run)
{
	int64_t left = (run->deadline - g_get_monotonic_time()) / 1000;
	return left > 0 ? (uint32_t)left : 0;
}

static void run_begin(Run *run, Sanitizer *sanitizer)
{
	run->sanitizer = sanitizer;
	run->started = g_get_monotonic_time();
	g_mutex_lock(&sanitizer->lock);
	run->conf = conf_ref(sanitizer->conf);
	run->policy = policy_ref(sanitizer->policy);
	run->audit = audit_ref(sanitizer->audit);
	g_mutex_unlock(&sanitizer->lock);
	run->settings = conf_settings(run->conf);
	run->deadline = run->started + (int64_t)run->settings->limits.total * 1000;
	run->report = (Report) { .envelope = run->envelope,
		                 .tenant = tenant_name(sanitizer->tenant),
		                 .policy_name = policy_name(run->policy),
		                 .policy_version = policy_version(run->policy) };
}

static void run_clear(Run *run)
{
	conf_unref(run->conf);
	policy_unref(run->policy);
	audit_unref(run->audit);
	sealed_unref(run->sealed);
	parse_result_free(run->parsed);
	g_clear_pointer(&run->texts, g_ptr_array_unref);
	g_clear_pointer(&run->pdfs, g_ptr_array_unref);
	clean_message_free(run->clean);
	g_free(run->id);
	g_free(run->failure_key);
}

/* Step 1. The id names the message in logs, audit and X-Mugai-Id: the same for the same original and
 * envelope, so that a retry keeps it. */
static char *make_id(const char *original_hash, const SanitizeEnvelope *envelope)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guchar *)original_hash, -1);
	g_checksum_update(checksum, (const guchar *)"\n", 1);
	g_checksum_update(checksum, (const guchar *)envelope->sender, -1);
	for (const char *const *r = envelope->recipients; *r != NULL; r++) {
		g_checksum_update(checksum, (const guchar *)"\n", 1);
		g_checksum_update(checksum, (const guchar *)*r, -1);
	}
	return g_strndup(g_checksum_get_string(checksum), 32);
}

static int by_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return strcmp(*left, *right);
}

/* Names the original for these recipients, in whatever order and from whatever sender they come: a client
 * that makes up a new sender for each try must not begin to count anew. */
static char *make_failure_key(const char *original_hash, const SanitizeEnvelope *envelope)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	for (const char *const *r = envelope->recipients; *r != NULL; r++)
		g_ptr_array_add(sorted, (gpointer)(uintptr_t)*r);
	g_ptr_array_sort(sorted, by_text);
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guchar *)original_hash, -1);
	for (guint i = 0; i < sorted->len; i++) {
		g_checksum_update(checksum, (const guchar *)"\n", 1);
		g_checksum_update(checksum, g_ptr_array_index(sorted, i), -1);
	}
	return g_strdup(g_checksum_get_string(checksum));
}

static bool keep_original(Run *run, Original *original, GError **error)
{
	g_autoptr(GError) cause = NULL;
	run->sealed = original_seal(original, &cause);
	if (run->sealed == NULL) {
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", cause->message);
		return false;
	}
	run->id = make_id(original_hash(original), run->envelope);
	run->failure_key = make_failure_key(original_hash(original), run->envelope);
	run->report.id = run->id;
	run->report.original_sha256 = original_hash(original);
	run->report.original_bytes = original_length(original);
	return true;
}

static bool run_progress(void *user)
{
	const Run *run = user;
	return run->progress == NULL || run->progress(run->progress_user);
}

static SlotsWait slots_wait(Run *run)
{
	int64_t until = g_get_monotonic_time() + (int64_t)run->settings->work_wait * 1000;
	return (SlotsWait) { .places = (unsigned)run->settings->work_slots,
		             .until = MIN(run->deadline, until),
		             .progress = run_progress,
		             .progress_user = run };
}

static bool slot_taken(Run *run, SlotsOutcome outcome, int64_t since, GError **error)
{
	static const char *const why[] = {
		[SLOTS_FULL] = "too many messages wait for a work slot",
		[SLOTS_LATE] = "no work slot was free in time",
		[SLOTS_UNWANTED] = "the wait for a work slot was given up",
	};
	run->report.wait_ms += ms_since(since);
	if (outcome == SLOTS_TAKEN)
		return true;
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", why[outcome]);
	return false;
}

/* Step 2. Bounded: a queue that grows inside the gateway helps nobody, Postfix has a better one. */
static bool slot_take(Run *run, GError **error)
{
	int64_t start = g_get_monotonic_time();
	const SlotsWait wait = slots_wait(run);
	SlotsOutcome outcome = slots_take(run->sanitizer->slots, &run->slot, run->envelope->sender, &wait);
	return slot_taken(run, outcome, start, error);
}

static bool slot_take_slow(Run *run, GError **error)
{
	int64_t start = g_get_monotonic_time();
	const SlotsWait wait = slots_wait(run);
	SlotsOutcome outcome = slots_take_slow(run->sanitizer->slots, &run->slot, &wait);
	return slot_taken(run, outcome, start, error);
}

/* Step 3. Where not even the header is read, the reader learns what SMTP itself gave. */
static void parse_nothing(Run *run)
{
	g_clear_pointer(&run->parsed, parse_result_free);
	run->parsed = g_new0(ParseResult, 1);
	run->parsed->message = message_new();
	run->parsed->message->header_unread = true;
	run->parsed->unread = g_ptr_array_new();
}

/* What cannot be parsed at all becomes a message without a body, when somebody waits for it. */
static bool without_parse(Run *run, SanitizeError code, MessageLimit limit, const char *why, GError **error)
{
	if (!run->envelope->must_answer) {
		g_set_error(error, SANITIZE_ERROR, (int)code, "%s", why);
		return false;
	}
	parse_nothing(run);
	run->parsed->message->limits = limit;
	return true;
}

/* Errors of the cell, told in the terms of the pipeline: whose fault was it? */
static void set_cell_error(GError **error, const GError *cause)
{
	int code = cell_error_blames_content(cause) ? SANITIZE_ERROR_CONTENT : SANITIZE_ERROR_ENVIRONMENT;
	g_set_error(error, SANITIZE_ERROR, code, "%s", cause->message);
}

/* The parser has used its share of the quick lane; what has a place in the slow one gets the low priority
 * alone. */
static bool on_slow(void *user)
{
	Run *run = user;
	unsigned places = (unsigned)run->settings->work_slots;
	if (run->slot.lane == SLOT_SLOW)
		return true;
	run->wants_slow = !slots_to_slow(run->sanitizer->slots, &run->slot, places);
	return !run->wants_slow;
}

/* A command has nobody beside it to be kind to. */
static ParseContext parse_context(Run *run)
{
	bool known = run->slot.lane == SLOT_SLOW;
	return (ParseContext) { .supervisor = run->sanitizer->supervisor,
		                .settings = run->settings,
		                .policy = run->policy,
		                .wall_ms = MAX(ms_left(run), 1),
		                .progress = run_progress,
		                .slow = run->envelope->must_answer ? on_slow : NULL,
		                .slow_cpu_ms = known ? 0 : SLOTS_QUICK_CPU_MS,
		                .progress_user = run };
}

/* header_bytes: 0 for the whole message. */
static ParseResult *parse_once(Run *run, uint64_t header_bytes, GError **error)
{
	const ParseContext context = parse_context(run);
	run->wants_slow = false;
	return header_bytes > 0 ? parse_run_headers(&context, run->sealed, header_bytes, error)
	                        : parse_run(&context, run->sealed, error);
}

/* Where it turns out slow and the slow lane is full: once more, from the beginning, when that has room. What
 * was done is little, and a parser that waited half-way would keep its memory from others. */
static ParseResult *parse_in_lane(Run *run, uint64_t header_bytes, GError **error)
{
	g_autoptr(GError) cause = NULL;
	ParseResult *parsed = parse_once(run, header_bytes, &cause);
	if (parsed == NULL && run->wants_slow) {
		g_clear_error(&cause);
		if (!slot_take_slow(run, error))
			return NULL;
		parsed = parse_once(run, header_bytes, &cause);
	}
	if (parsed == NULL)
		g_propagate_error(error, g_steal_pointer(&cause));
	return parsed;
}

static bool was_content(const GError *cause)
{
	return cause != NULL && cell_error_blames_content(cause);
}

/* The content broke the parser too often, or is cut: a child of its own sees the header alone. limit: why. */
static bool parse_headers_alone(Run *run, const Original *original, MessageLimit limit, GError **error)
{
	g_autoptr(GError) cause = NULL;
	uint64_t bytes = original_headers(original);
	if (bytes > 0)
		run->parsed = parse_in_lane(run, bytes, &cause);
	if (run->parsed == NULL && cause != NULL && !was_content(cause)) {
		set_cell_error(error, cause);
		return false;
	}
	if (run->parsed == NULL)
		parse_nothing(run);
	run->parsed->is_mail = true;
	run->parsed->message->limits |= limit;
	run->unreadable = true;
	return true;
}

/* Only where somebody tries again: the command has no queue, and its caller sees the error. */
static bool is_unreadable(const Run *run)
{
	return run->envelope->must_answer && failures_count(run->sanitizer->failures, run->failure_key,
	                                                    run->envelope->arrival) >= FAILURES_MAX;
}

/* False: to be tried again. */
static bool count_failure(Run *run, const GError *cause, GError **error)
{
	unsigned count = 0;
	if (!run->envelope->must_answer || !was_content(cause)) {
		set_cell_error(error, cause);
		return false;
	}
	if (!failures_add(run->sanitizer->failures, run->failure_key, run->envelope->arrival, &count,
	                  error)) {
		g_prefix_error(error, "%s; this cannot be counted: ", cause->message);
		return false;
	}
	run->report.failures = count;
	if (count >= FAILURES_MAX)
		return true;
	set_cell_error(error, cause);
	return false;
}

static bool parse_whole(Run *run, const Original *original, GError **error)
{
	int64_t start = g_get_monotonic_time();
	g_autoptr(GError) cause = NULL;
	run->parsed = parse_in_lane(run, 0, &cause);
	run->report.parse_ms = ms_since(start);
	if (run->parsed == NULL)
		return count_failure(run, cause, error) &&
		       parse_headers_alone(run, original, MESSAGE_LIMIT_UNREADABLE, error);
	run->report.parse_cpu_ms = run->parsed->usage.cpu_ms;
	run->report.parse_peak_memory = run->parsed->usage.peak_memory;
	if (!run->parsed->is_mail)
		return without_parse(run, SANITIZE_ERROR_NOT_MAIL, MESSAGE_LIMIT_NO_MAIL,
		                     "this is no mail: no line before the first empty line is a header field",
		                     error);
	return true;
}

static bool parse_cut(Run *run, const Original *original, GError **error)
{
	if (run->envelope->must_answer)
		return parse_headers_alone(run, original, MESSAGE_LIMIT_SIZE, error);
	g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE,
	            "the message is larger than limits.message");
	return false;
}

static bool parse(Run *run, const Original *original, GError **error)
{
	if (original_is_cut(original))
		return parse_cut(run, original, error);
	if (original_length(original) == 0)
		return without_parse(run, SANITIZE_ERROR_EMPTY, MESSAGE_LIMIT_NO_MAIL, "the message is empty",
		                     error);
	if (is_unreadable(run))
		return parse_headers_alone(run, original, MESSAGE_LIMIT_UNREADABLE, error);
	return parse_whole(run, original, error);
}

/* Step 4. */
static PolicyFacts policy_facts(const Run *run, const Original *original)
{
	return (PolicyFacts) {
		.topology = run->settings->topology,
		.body_readable = !original_is_cut(original) && run->parsed->is_mail && !run->unreadable,
		.sender = run->envelope->sender,
		.recipients = run->envelope->recipients,
		.size = original_length(original),
	};
}

static void decide(Run *run, const Original *original)
{
	const PolicyFacts facts = policy_facts(run, original);
	Message *message = run->parsed->message;
	run->decision = policy_decide(run->policy, &facts, message);
	message->limits |= run->decision.exhausted ? MESSAGE_LIMIT_POLICY : 0;
	/* Summed over passes, so that a loop ends; nothing else of ours in an original is believed. */
	uint64_t hops = (uint64_t)message->received + message->hops + 1;
	run->hops = (unsigned)MIN(hops, SANITIZE_HOPS_MAX + 1);
	run->report.message = message;
	run->report.hops = run->hops;
	run->report.rule = run->decision.rule->name;
}

static void free_text(void *data)
{
	TextAttachment *text = data;
	g_free(text->text);
	g_free(text);
}

static void free_pdf(void *data)
{
	PdfAttachment *pdf = data;
	g_bytes_unref(pdf->pdf);
	g_free(pdf);
}

/* What is not drawn by then is removed with that reason: some time is left to write the message. */
static int64_t convert_deadline(const Run *run)
{
	return run->deadline - (run->deadline - run->started) / SANITIZE_WRITE_SHARE;
}

/* NULL: it has a place among those that may wait; else the message that took the last one. */
static const Run *in_front_of(const Run *run)
{
	unsigned before = 0, same_sender = 0;
	for (const GList *link = run->sanitizer->converting.head; link != NULL && link->data != run;
	     link = link->next) {
		const Run *other = link->data;
		before++;
		same_sender +=
		        g_ascii_strcasecmp(other->envelope->sender, run->envelope->sender) == 0 ? 1 : 0;
		if (before == CONVERT_MESSAGES_MAX || same_sender == CONVERT_MESSAGES_PER_SENDER)
			return other;
	}
	return NULL;
}

/* Where those in front wait for long already, the next one does not begin to. */
static bool convert_progress(void *user)
{
	const Run *run = user;
	g_mutex_lock(&run->sanitizer->lock);
	const Run *front = in_front_of(run);
	bool wanted = front == NULL || ms_since(front->convert_started) < CONVERT_PATIENCE_MS;
	g_mutex_unlock(&run->sanitizer->lock);
	return wanted && run_progress(user);
}

static void convert_begin(Run *run)
{
	run->convert_started = g_get_monotonic_time();
	g_mutex_lock(&run->sanitizer->lock);
	g_queue_push_tail(&run->sanitizer->converting, run);
	g_mutex_unlock(&run->sanitizer->lock);
}

static void convert_end(Run *run)
{
	g_mutex_lock(&run->sanitizer->lock);
	g_queue_remove(&run->sanitizer->converting, run);
	g_mutex_unlock(&run->sanitizer->lock);
	run->report.render_ms = ms_since(run->convert_started);
}

/* Step 5. Waiting for a document takes no place from those who only wait to be read: the slot is given back meanwhile. A message that
 * then gets none in time comes again, and finds its documents drawn. */
static bool convert(Run *run, const Original *original, GError **error)
{
	Sanitizer *s = run->sanitizer;
	run->texts = g_ptr_array_new_with_free_func(free_text);
	run->pdfs = g_ptr_array_new_with_free_func(free_pdf);
	/* Of a message that is not shown nothing is drawn. */
	if (run->decision.message != DECISION_DELIVER || !convert_is_wanted(run->parsed->message))
		return true;
	const ConvertRun conversion = { .pool = s->pool,
		                        .supervisor = s->supervisor,
		                        .office = s->office,
		                        .conf = run->conf,
		                        .policy = run->policy,
		                        .tenant = tenant_name(s->tenant),
		                        .sender = run->envelope->sender,
		                        .original_key = original_key(original),
		                        .deadline = convert_deadline(run),
		                        .progress = convert_progress,
		                        .progress_user = run };
	g_autoptr(GError) cause = NULL;
	slots_give(s->slots, &run->slot);
	convert_begin(run);
	bool good = convert_parts(&conversion, run->parsed->message, run->parsed->unread, run->texts, run->pdfs, &cause);
	convert_end(run);
	if (!good) {
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT, "%s", cause->message);
		return false;
	}
	return slot_take(run, error);
}

/* Step 6. */
static AssembleInput assemble_input(const Run *run, Decision decision)
{
	return (AssembleInput) {
		.message = run->parsed->message,
		.decision = decision,
		.envelope_sender = run->envelope->sender,
		.envelope_recipient = run->envelope->recipients[0],
		.arrival = run->envelope->arrival,
		.arrival_zone = SANITIZE_ZONE_JST,
		.original_sha256 = run->report.original_sha256,
		.id = run->id,
		/* A notice of a loop is a mail of its own: where the administrator has it forwarded through
		   here, it passes. */
		.hops = run->hops > SANITIZE_HOPS_MAX ? 1 : run->hops,
		.loop = run->hops > SANITIZE_HOPS_MAX,
		.policy_name = policy_name(run->policy),
		.policy_version = policy_version(run->policy),
		.notices = conf_notices(run->conf),
		.gateway_address = run->settings->gateway_address,
		.original_elsewhere = run->settings->topology == CONF_BEHIND_EDGE,
		.defanged = policy_defang(run->policy) != POLICY_DEFANG_NEVER,
		.tell_auth = *run->settings->authserv_id != '\0',
		.texts = run->texts,
		.pdfs = run->pdfs,
		.max_image_pdf = run->settings->limits.image_pdf,
		.max_bytes = run->settings->limits.clean_message,
	};
}

static bool assemble_now(Run *run, GError **error)
{
	int64_t start = g_get_monotonic_time();
	g_autoptr(GError) cause = NULL;
	bool loop = run->hops > SANITIZE_HOPS_MAX;
	AssembleInput input = assemble_input(run, loop ? DECISION_NOTICE_ONLY : run->decision.message);
	run->clean = assemble_message(&input, &cause);
	if (g_error_matches(cause, ASSEMBLE_ERROR, ASSEMBLE_ERROR_LIMIT)) {
		/* Too much text for one message: the reader learns that it came, and where it is. */
		g_clear_error(&cause);
		run->decision.message = DECISION_NOTICE_ONLY;
		run->parsed->message->limits |= MESSAGE_LIMIT_SIZE;
		input = assemble_input(run, DECISION_NOTICE_ONLY);
		run->clean = assemble_message(&input, &cause);
	}
	run->report.assemble_ms = ms_since(start);
	if (run->clean == NULL) {
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_INTERNAL, "%s", cause->message);
		return false;
	}
	run->report.clean_bytes = g_bytes_get_size(run->clean->body);
	return true;
}

/* A message that was slow to parse has much text: of those only one at a time is written. */
static bool assemble(Run *run, GError **error)
{
	if (run->slot.lane != SLOT_SLOW)
		return assemble_now(run, error);
	SlotsWait wait = slots_wait(run);
	wait.until = run->deadline;
	if (!slots_heavy_enter(run->sanitizer->slots, &wait)) {
		g_set_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT,
		            "the wait for other long messages was given up");
		return false;
	}
	bool assembled = assemble_now(run, error);
	slots_heavy_leave(run->sanitizer->slots);
	return assembled;
}

/* ---- outcomes ----------------------------------------------------------------------------------------- */

/* In one hop no original exists elsewhere: what the reader could not fetch must go back to its sender. */
static SanitizeOutcome outcome_of(const Run *run)
{
	if (run->hops > SANITIZE_HOPS_MAX)
		return SANITIZE_DISCARD;
	bool whole = run->decision.message == DECISION_DELIVER;
	return whole || run->settings->topology == CONF_BEHIND_EDGE ? SANITIZE_CLEAN : SANITIZE_REFUSE;
}

/* A loop ends without a word to its reader, who has had the message a hundred times or never: the administrator is told.
 * But not of a notice to himself that goes in circles, which would make the next one. */
static bool wants_loop_notice(const Run *run)
{
	const char *administrator = run->settings->administrator;
	bool to_administrator = *run->envelope->sender == '\0' &&
	                        g_ascii_strcasecmp(run->envelope->recipients[0], administrator) == 0;
	return outcome_of(run) == SANITIZE_DISCARD && *run->settings->submission_socket != '\0' &&
	       *administrator != '\0' && !to_administrator;
}

/* No rule is to blame for what cannot be shown, where the rule that decided would have shown it. */
static SanitizeCause cause_of(const Run *run)
{
	static const struct {
		uint32_t limit;
		SanitizeCause cause;
	} causes[] = {
		{ MESSAGE_LIMIT_UNREADABLE, SANITIZE_CAUSE_UNREADABLE },
		{ MESSAGE_LIMIT_SIZE, SANITIZE_CAUSE_SIZE },
		{ MESSAGE_LIMIT_NO_MAIL, SANITIZE_CAUSE_NO_MAIL },
	};
	if (run->decision.message == DECISION_DELIVER || run->decision.rule->message != POLICY_DELIVER)
		return SANITIZE_CAUSE_POLICY;
	for (size_t i = 0; i < G_N_ELEMENTS(causes); i++)
		if ((run->parsed->message->limits & causes[i].limit) != 0)
			return causes[i].cause;
	return SANITIZE_CAUSE_POLICY;
}

static void report_outcome(Run *run, SanitizeOutcome outcome)
{
	static const char *const decisions[] = {
		[DECISION_DELIVER] = "deliver",
		[DECISION_NOTICE_ONLY] = "notice-only",
		[DECISION_HOLD] = "hold",
		[DECISION_REJECT] = "reject",
	};
	static const char *const outcomes[] = {
		[SANITIZE_CLEAN] = "clean",
		[SANITIZE_REFUSE] = "refuse",
		[SANITIZE_DISCARD] = "discard",
	};
	run->report.outcome = outcomes[outcome];
	run->report.decision = decisions[run->decision.message];
	if (cause_of(run) != SANITIZE_CAUSE_POLICY)
		run->report.rule = NULL;
	run->report.total_ms = ms_since(run->started);
}

static uint64_t *counter_of(SanitizeStatus *status, const SanitizeResult *result)
{
	if (result->outcome == SANITIZE_DISCARD)
		return &status->discarded;
	if (result->outcome == SANITIZE_REFUSE)
		return &status->refused;
	return result->whole ? &status->delivered : &status->notice_only;
}

static void count_outcome(Sanitizer *sanitizer, const SanitizeResult *result)
{
	g_mutex_lock(&sanitizer->lock);
	(*counter_of(&sanitizer->status, result))++;
	g_mutex_unlock(&sanitizer->lock);
}

static GPtrArray *headers_of(const CleanMessage *clean)
{
	GPtrArray *headers = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < clean->headers->len; i++) {
		const CleanHeader *header = g_ptr_array_index(clean->headers, i);
		/* One allocation for both strings. */
		size_t name = strlen(header->name) + 1, value = strlen(header->value) + 1;
		SanitizeHeader *copy = g_malloc(sizeof *copy + name + value);
		char *text = (char *)(copy + 1);
		memcpy(text, header->name, name);
		memcpy(text + name, header->value, value);
		*copy = (SanitizeHeader) { .name = text, .value = text + name };
		g_ptr_array_add(headers, copy);
	}
	return headers;
}

/* Step 7. */
static SanitizeResult *finish(Run *run, GError **error)
{
	SanitizeOutcome outcome = outcome_of(run);
	report_outcome(run, outcome);
	g_autoptr(SanitizeResult) result = g_new0(SanitizeResult, 1);
	result->outcome = outcome;
	result->cause = cause_of(run);
	result->whole = run->decision.message == DECISION_DELIVER;
	result->id = g_strdup(run->id);
	result->report = report_json(&run->report);
	if (run->clean != NULL && outcome != SANITIZE_REFUSE) {
		result->headers = headers_of(run->clean);
		result->body = g_bytes_ref(run->clean->body);
	}
	if (!audit_write(run->audit, result->report, error))
		return NULL;
	count_outcome(run->sanitizer, result);
	return g_steal_pointer(&result);
}

/* A message that was not delivered leaves an event, too. If that cannot be written either, the error at
 * hand is the one to report. */
static void record_failure(Run *run, const GError *error)
{
	Sanitizer *s = run->sanitizer;
	bool content = g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
	g_mutex_lock(&s->lock);
	bool environment = g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT) ||
	                   g_error_matches(error, SANITIZE_ERROR, SANITIZE_ERROR_INTERNAL);
	/* What is no mail, empty or too large is neither's fault. */
	s->status.failed_content += content ? 1 : 0;
	s->status.failed_environment += environment ? 1 : 0;
	g_mutex_unlock(&s->lock);
	if (run->id == NULL)
		return;
	run->report.outcome = "failed";
	run->report.error = error->message;
	run->report.blames_content = content;
	run->report.total_ms = ms_since(run->started);
	g_autofree char *event = report_json(&run->report);
	(void)!audit_write(run->audit, event, NULL);
}

static SanitizeResult *work(Run *run, const Original *original, GError **error)
{
	if (!parse(run, original, error))
		return NULL;
	decide(run, original);
	if (outcome_of(run) == SANITIZE_CLEAN && !convert(run, original, error))
		return NULL;
	if ((outcome_of(run) == SANITIZE_CLEAN || wants_loop_notice(run)) && !assemble(run, error))
		return NULL;
	return finish(run, error);
}

SanitizeResult *sanitize_message(Sanitizer *sanitizer, Original *original, const SanitizeEnvelope *envelope,
                                 ProgressFunc progress, void *progress_user, GError **error)
{
	g_return_val_if_fail(envelope->recipients != NULL && envelope->recipients[0] != NULL, NULL);
	Run run = { .envelope = envelope, .progress = progress, .progress_user = progress_user };
	g_autoptr(GError) failure = NULL;
	SanitizeResult *result = NULL;

	run_begin(&run, sanitizer);
	if (keep_original(&run, original, &failure) && slot_take(&run, &failure))
		result = work(&run, original, &failure);
	slots_give(sanitizer->slots, &run.slot);
	if (result == NULL) {
		record_failure(&run, failure);
		g_propagate_error(error, g_steal_pointer(&failure));
	}
	run_clear(&run);
	return result;
}

/* For a terminal: what would come of it. A rule alone does not tell. */
static const char *outcome_text(const Run *run)
{
	bool behind_edge = run->settings->topology == CONF_BEHIND_EDGE;
	switch (outcome_of(run)) {
	case SANITIZE_DISCARD:
		return behind_edge ? "a mail loop: accepted and dropped" : "a mail loop: refused (554)";
	case SANITIZE_REFUSE:
		return run->decision.message == DECISION_REJECT
		               ? "refused (550)"
		               : "refused (550), since in one hop no original is kept elsewhere";
	default:
		return run->decision.message == DECISION_DELIVER ? "a clean message" : "only a notice";
	}
}

/* "" where nobody is believed. */
static char *auth_text(const Run *run)
{
	const AuthResult *auth = run->parsed->message->auth;
	if (*run->settings->authserv_id == '\0')
		return g_strdup("");
	return g_strdup_printf("authentication: spf %s, dkim %s, dmarc %s\n",
	                       auth_result_name(auth[AUTH_SPF]), auth_result_name(auth[AUTH_DKIM]),
	                       auth_result_name(auth[AUTH_DMARC]));
}

/* "" where nothing is odd. */
static char *signs_text(const Run *run)
{
	const uint32_t *signs = run->parsed->message->signs;
	GString *text = g_string_new(NULL);
	for (MessageSign sign = 0; sign < MESSAGE_SIGNS; sign++)
		if (signs[sign] > 0)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "signs: ",
			                       message_sign_name(sign));
	g_string_append(text, text->len > 0 ? "\n" : "");
	return g_string_free(text, FALSE);
}

static char *explain(Run *run, const Original *original)
{
	const PolicyFacts facts = policy_facts(run, original);
	decide(run, original);
	g_autofree char *why = policy_explain(run->policy, &facts, run->parsed->message);
	g_autofree char *auth = auth_text(run), *signs = signs_text(run);
	return g_strdup_printf("outcome: %s\n%s%s%s", outcome_text(run), auth, signs, why);
}

char *sanitize_explain(Sanitizer *sanitizer, Original *original, const SanitizeEnvelope *envelope,
                       GError **error)
{
	Run run = { .envelope = envelope };
	char *text = NULL;
	run_begin(&run, sanitizer);
	if (keep_original(&run, original, error) && slot_take(&run, error) && parse(&run, original, error))
		text = explain(&run, original);
	slots_give(sanitizer->slots, &run.slot);
	run_clear(&run);
	return text;
}

bool sanitize_note_failure(Sanitizer *sanitizer, const SanitizeEnvelope *envelope, const char *why,
                           GError **error)
{
	Run run = { .envelope = envelope };
	run_begin(&run, sanitizer);
	run.report.id = envelope->queue_id;
	run.report.outcome = "failed";
	run.report.error = why;
	run.report.blames_content = true;
	g_autofree char *event = report_json(&run.report);
	bool written = audit_write(run.audit, event, error);
	g_mutex_lock(&sanitizer->lock);
	sanitizer->status.failed_content++;
	g_mutex_unlock(&sanitizer->lock);
	run_clear(&run);
	return written;
}

bool sanitize_note_not_taken(Sanitizer *sanitizer, const SanitizeEnvelope *envelope, const SanitizeResult *result,
                             const char *why, GError **error)
{
	Run run = { .envelope = envelope };
	run_begin(&run, sanitizer);
	run.report.id = result->id;
	run.report.outcome = "failed";
	run.report.error = why;
	g_autofree char *event = report_json(&run.report);
	bool written = audit_write(run.audit, event, error);
	g_mutex_lock(&sanitizer->lock);
	(*counter_of(&sanitizer->status, result))--;
	sanitizer->status.failed_environment++;
	g_mutex_unlock(&sanitizer->lock);
	run_clear(&run);
	return written;
}

void sanitize_count_environment(Sanitizer *sanitizer)
{
	g_mutex_lock(&sanitizer->lock);
	sanitizer->status.failed_environment++;
	g_mutex_unlock(&sanitizer->lock);
}

GBytes *sanitize_result_bytes(const SanitizeResult *result, bool crlf)
{
	g_return_val_if_fail(result->outcome == SANITIZE_CLEAN, NULL);
	g_autoptr(GPtrArray) headers = g_ptr_array_new();
	for (guint i = 0; i < result->headers->len; i++) {
		const SanitizeHeader *header = g_ptr_array_index(result->headers, i);
		CleanHeader *view = g_new0(CleanHeader, 1);
		view->name = (char *)(uintptr_t)header->name;
		view->value = (char *)(uintptr_t)header->value;
		g_ptr_array_add(headers, view);
	}
	const CleanMessage clean = { .headers = headers, .body = result->body };
	GBytes *bytes = clean_message_bytes(&clean, crlf);
	g_ptr_array_foreach(headers, (GFunc)(void (*)(void))g_free, NULL);
	return bytes;
}

void sanitize_result_free(SanitizeResult *result)
{
	if (result == NULL)
		return;
	g_free(result->id);
	g_free(result->report);
	g_clear_pointer(&result->headers, g_ptr_array_unref);
	g_clear_pointer(&result->body, g_bytes_unref);
	g_free(result);
}

char *sanitize_message_id(const Original *original, const SanitizeEnvelope *envelope)
{
	const char *hash = original_hash(original);
	return *hash != '\0' ? make_id(hash, envelope) : NULL;
}
