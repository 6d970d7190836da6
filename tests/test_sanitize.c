/* The pipeline as one function: with the real jailed parser, and with one that an attacker owns. Whatever
 * comes out must be accepted by mugai-verify, which knows nothing of the assembler. */
#include "audit_priv.h"
#include "failures_priv.h"
#include "sanitize.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static Supervisor *honest;
static Supervisor *liar;
static char *scratch; /* a directory of ours */

static Supervisor *start(const char *program)
{
	const SupervisorKind kind = { .name = "parse", .executable = program, .spare = 2, .maximum = 10 };
	const SupervisorOptions options = { .kinds = &kind, .n_kinds = 1, .uid = (uid_t)-1 };
	g_autoptr(GError) error = NULL;
	Supervisor *supervisor = supervisor_start(&options, &error);
	g_assert_no_error(error);
	return supervisor;
}

static Conf *conf_with(const char *more)
{
	g_autofree char *text = g_strconcat("topology: ", more, "\nstate: {directory: ", scratch,
	                                    "/state}\naudit:\n  file: ", scratch, "/audit.jsonl\n", NULL);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	Conf *conf = conf_parse("test", text, strlen(text), errors);
	if (errors->len > 0)
		g_test_message("%s", (char *)g_ptr_array_index(errors, 0));
	g_assert_nonnull(conf);
	return conf;
}

static SanitizeResult *run(Supervisor *supervisor, Conf *conf, const char *mail, size_t length,
                           bool must_answer, GError **error)
{
	static const char *const recipients[] = { "taro@lgwan.example", NULL };
	const SanitizeEnvelope envelope = { .sender = "sender@example.com",
		                            .recipients = recipients,
		                            .client = "192.0.2.1",
		                            .queue_id = "4ABC",
		                            .arrival = 1795132800,
		                            .must_answer = must_answer };
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, supervisor, tenant_default(), error);
	g_assert_nonnull(sanitizer);
	g_autoptr(Original) original = original_new(conf_settings(conf)->limits.message, error);
	(void)!original_append(original, mail, length, NULL);
	return sanitize_message(sanitizer, original, &envelope, NULL, NULL, error);
}

/* Exit code of mugai-verify over the message. */
static void assert_verified(const SanitizeResult *result)
{
	for (unsigned crlf = 0; crlf < 2; crlf++) {
		g_autoptr(GBytes) bytes = sanitize_result_bytes(result, crlf != 0);
		g_autofree char *path = NULL;
		int fd = g_file_open_tmp("mugai-test-XXXXXX", &path, NULL);
		g_assert_cmpint(write(fd, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)), ==,
		                (gssize)g_bytes_get_size(bytes));
		close(fd);
		char *arguments[] = { (char *)VERIFY_PATH, path, NULL };
		g_autofree char *complaint = NULL;
		int status = -1;
		g_assert_true(g_spawn_sync(NULL, arguments, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
		                           NULL, &complaint, &status, NULL));
		if (status != 0)
			g_test_message("%s\n%.*s", complaint, (int)g_bytes_get_size(bytes),
			               (const char *)g_bytes_get_data(bytes, NULL));
		unlink(path);
		g_assert_cmpint(status, ==, 0);
	}
}

/* The decoded text of a single-part clean message. */
static char *text_of(const SanitizeResult *result)
{
	gsize size = 0;
	g_autofree char *base64 =
	        g_strndup(g_bytes_get_data(result->body, NULL), g_bytes_get_size(result->body));
	g_autofree guchar *text = g_base64_decode(base64, &size);
	return g_strndup((const char *)text, size);
}

static const char *header_of(const SanitizeResult *result, const char *name)
{
	for (guint i = 0; i < result->headers->len; i++) {
		const SanitizeHeader *header = g_ptr_array_index(result->headers, i);
		if (strcmp(header->name, name) == 0)
			return header->value;
	}
	return NULL;
}

/* ---- an honest parser ------------------------------------------------------------------------------- */

static const char plain_mail[] = "Received: from a by b; Fri, 20 Nov 2026 09:00:00 +0900\r\n"
                                 "From: =?UTF-8?B?5bGx55Sw?= <yamada@example.com>\r\n"
                                 "To: taro@city.example\r\n"
                                 "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\r\n"
                                 "Date: Fri, 20 Nov 2026 09:00:00 +0900\r\n"
                                 "Message-ID: <one@example.com>\r\n"
                                 "Content-Type: text/plain; charset=ISO-2022-JP\r\n"
                                 "\r\n"
                                 "\033$BF|K\\\033(B\r\n";

static void test_plain(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) result = run(honest, conf, plain_mail, sizeof plain_mail - 1, true, &error);
	g_assert_no_error(error);
	g_assert_cmpint(result->outcome, ==, SANITIZE_CLEAN);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_true(g_str_has_prefix(text, "日本\r\n"));
	g_assert_cmpstr(header_of(result, "X-Mugai-Hops"), ==, "2");
	g_assert_cmpstr(header_of(result, "Message-ID"), ==, "<one@example.com>");
	g_assert_nonnull(strstr(result->report, "\"decision\":\"deliver\""));
}

static void test_same_bytes(void)
{
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) one = run(honest, conf, plain_mail, sizeof plain_mail - 1, true, NULL);
	g_autoptr(SanitizeResult) two = run(honest, conf, plain_mail, sizeof plain_mail - 1, true, NULL);
	g_autoptr(GBytes) first = sanitize_result_bytes(one, true);
	g_autoptr(GBytes) second = sanitize_result_bytes(two, true);
	g_assert_true(g_bytes_equal(first, second));
	g_assert_cmpstr(one->id, ==, two->id);
}

static void test_part_is_removed_and_told(void)
{
	static const char mail[] = "From: a@example.com\nSubject: x\nMIME-Version: 1.0\n"
	                           "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	                           "Content-Type: text/plain; charset=UTF-8\n\nbody text\n--b\n"
	                           "Content-Type: application/zip; name=a.zip\n"
	                           "Content-Transfer-Encoding: base64\n\n"
	                           "UEsDBAoAAAAAAFNFQ1JFVE1BUktFUg==\n--b--\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) result = run(honest, conf, mail, sizeof mail - 1, true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, "body text"));
	g_assert_nonnull(strstr(text, "「a.zip」"));
	g_assert_null(strstr(text, "UEsDB"));
	g_assert_null(strstr(text, "SECRETMARKER"));
	g_assert_nonnull(strstr(result->report, "\"number\":\"2\""));
}

static void test_no_mail(void)
{
	static const char mail[] = "hello\n\nthis is no mail\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_assert_null(run(honest, conf, mail, sizeof mail - 1, false, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_NOT_MAIL);
	g_clear_error(&error);
	/* Where somebody waits for it, it becomes a notice. */
	g_autoptr(SanitizeResult) result = run(honest, conf, mail, sizeof mail - 1, true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_null(strstr(text, "this is no mail"));
	g_assert_nonnull(strstr(result->report, "\"decision\":\"notice-only\""));
}

static void test_empty_and_large(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge\nlimits:\n  message: 1000KB");
	g_assert_null(run(honest, conf, "", 0, false, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_EMPTY);
	g_clear_error(&error);
	g_autofree char *large = g_strnfill(1100 * 1024, 'x');
	g_assert_null(run(honest, conf, large, 1100 * 1024, false, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_TOO_LARGE);
	g_clear_error(&error);
	g_autoptr(SanitizeResult) result = run(honest, conf, large, 1100 * 1024, true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	/* No header was read, so that nobody can say what it lacks. */
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, "ヘッダーを読み取れなかった"));
	g_assert_null(strstr(text, "日付がないか"));
	g_assert_null(strstr(text, "差出人のアドレスがないか"));
	g_assert_nonnull(strstr(result->report, "\"header_read\":false"));
}

static const char large_header[] = "From: a@example.com\r\nSubject: minutes\r\n"
                                   "Date: Fri, 20 Nov 2026 09:00:00 +0900\r\n\r\n";

static SanitizeResult *run_large(Conf *conf, const char *end, GError **error)
{
	static const char *const recipients[] = { "taro@lgwan.example", NULL };
	const SanitizeEnvelope envelope = { .sender = "",
		                            .recipients = recipients,
		                            .client = "",
		                            .queue_id = "",
		                            .arrival = 1795132800,
		                            .must_answer = true };
	g_autofree char *large = g_strnfill(1100 * 1024, 'x');
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, honest, tenant_default(), error);
	g_autoptr(Original) original = original_new(conf_settings(conf)->limits.message, error);
	g_assert_true(original_append(original, large_header, strlen(large_header), error));
	original_end_of_headers(original);
	g_assert_false(original_append(original, large, 1100 * 1024, NULL));
	g_assert_false(original_append(original, end, strlen(end), NULL));
	return sanitize_message(sanitizer, original, &envelope, NULL, NULL, error);
}

/* The header is there, and is read; two mails that differ behind the limit are two. */
static void test_large_with_header(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge\nlimits:\n  message: 1000KB");
	g_autoptr(SanitizeResult) one = run_large(conf, "one\r\n", &error);
	g_autoptr(SanitizeResult) two = run_large(conf, "two\r\n", &error);
	g_assert_no_error(error);
	assert_verified(one);
	g_assert_cmpstr(header_of(one, "Subject"), ==, "minutes");
	g_assert_cmpstr(header_of(one, "From"), ==, "a@example.com");
	g_assert_cmpstr(header_of(one, "Date"), ==, "Fri, 20 Nov 2026 09:00:00 +0900");
	g_autofree char *text = text_of(one);
	g_assert_nonnull(strstr(text, "メールが大きすぎる"));
	g_assert_null(strstr(text, "日付"));
	g_assert_null(strstr(text, "xxx"));
	g_assert_cmpstr(one->id, !=, two->id);
	g_assert_cmpstr(header_of(one, "Message-ID"), !=, header_of(two, "Message-ID"));
	g_autofree char *bytes =
	        g_strdup_printf("\"original_bytes\":%zu,", strlen(large_header) + 1100 * 1024 + 5);
	g_assert_nonnull(strstr(one->report, bytes));
	g_assert_nonnull(strstr(one->report, "\"size\""));
}

/* What may be a lie in the record is told so that no two addresses read alike. */
static void test_report_of_envelope(void)
{
	static const char *const recipients[] = { "\"a\\xff\"@b.example", "a\xff@b.example", NULL };
	const SanitizeEnvelope envelope = { .sender = "",
		                            .recipients = recipients,
		                            .client = "",
		                            .queue_id = "",
		                            .arrival = 1795132800,
		                            .must_answer = true };
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, honest, tenant_default(), &error);
	g_autoptr(Original) original = original_new(10000, &error);
	g_assert_true(original_append(original, plain_mail, sizeof plain_mail - 1, &error));
	g_autoptr(SanitizeResult) result =
	        sanitize_message(sanitizer, original, &envelope, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(result->report, "\"outcome\":\"clean\",\"decision\":\"deliver\""));
	g_assert_nonnull(strstr(result->report, "\"recipient\":\"\\\"a\\\\x5cxff\\\"@b.example\""));
	g_assert_nonnull(strstr(result->report, "\"recipients\":[\"\\\"a\\\\x5cxff\\\"@b.example\","
	                                        "\"a\\\\xff@b.example\"]"));
}

/* In one hop no original exists elsewhere: what would be a notice goes back to its sender. */
static void test_one_hop_refuses(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("one-hop");
	g_autoptr(SanitizeResult) result = run(honest, conf, "no mail\n", 8, true, &error);
	g_assert_no_error(error);
	g_assert_cmpint(result->outcome, ==, SANITIZE_REFUSE);
	g_assert_cmpint(result->cause, ==, SANITIZE_CAUSE_NO_MAIL);
	g_autoptr(SanitizeResult) fine = run(honest, conf, plain_mail, sizeof plain_mail - 1, true, &error);
	g_assert_cmpint(fine->outcome, ==, SANITIZE_CLEAN);
}

static void test_loop(void)
{
	g_autoptr(GString) mail = g_string_new("X-Mugai-Hops: 99\n");
	g_string_append(mail, "From: a@example.com\n\nx\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) last = run(honest, conf, mail->str, mail->len, true, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(header_of(last, "X-Mugai-Hops"), ==, "100");
	g_string_prepend(mail, "Received: by x; Fri, 20 Nov 2026 09:00:00 +0900\n");
	g_autoptr(SanitizeResult) over = run(honest, conf, mail->str, mail->len, true, &error);
	g_assert_no_error(error);
	g_assert_cmpint(over->outcome, ==, SANITIZE_DISCARD);
}

static void test_large_text(void)
{
	g_autoptr(GString) mail =
	        g_string_new("From: a@example.com\nContent-Type: text/plain; charset=UTF-8\n\n");
	for (unsigned i = 0; i < 400000; i++)
		g_string_append_printf(mail, "%u 長い本文の行です。おわり\n", i);
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) result = run(honest, conf, mail->str, mail->len, true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, "399999 長い本文の行です"));
}

static void assert_chained(const char *line, const char *previous)
{
	g_autofree char *expected = NULL;
	if (previous != NULL)
		expected = g_compute_checksum_for_string(G_CHECKSUM_SHA256, previous, -1);
	else
		expected = g_strnfill(64, '0');
	g_autofree char *member = g_strconcat("\"previous\":\"", expected, "\"", NULL);
	g_assert_nonnull(strstr(line, member));
}

/* Every event so far, successes and failures, from several Audit handles, in one unbroken chain; also
 * behind a line that a crash left open. */
static void test_audit_chain(void)
{
	g_autofree char *path = g_build_filename(scratch, "audit.jsonl", NULL);
	g_autoptr(Conf) conf = conf_with("behind-edge");
	for (unsigned i = 0; i < 3; i++) {
		g_autoptr(SanitizeResult) one =
		        run(honest, conf, plain_mail, sizeof plain_mail - 1, true, NULL);
		g_assert_nonnull(one);
	}
	FILE *file = fopen(path, "a");
	fputs("{\"time\":\"torn", file);
	fclose(file);
	g_autoptr(SanitizeResult) after = run(honest, conf, plain_mail, sizeof plain_mail - 1, true, NULL);
	g_assert_nonnull(after);

	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;
	for (; lines[n] != NULL && *lines[n] != '\0'; n++)
		if (!g_str_has_suffix(lines[n], "torn"))
			assert_chained(lines[n], n > 0 ? lines[n - 1] : NULL);
	g_assert_cmpuint(n, >=, 5);
	g_assert_cmpint(unlink(path), ==, 0);
}

/* A rotated file and the one after it are one chain, whoever writes to it first; so is what stands behind a line longer
 * than any window. */
static void test_audit_rotation(void)
{
	g_autofree char *path = g_build_filename(scratch, "chain.jsonl", NULL);
	g_autofree char *old = g_strconcat(path, ".1", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Audit) audit = audit_open(path, "", &error);
	g_assert_no_error(error);
	g_autofree char *filler = g_strnfill(200 * 1000, 'x');
	g_autofree char *large = g_strconcat("{\"a\":\"", filler, "\"}", NULL);
	g_assert_true(audit_write(audit, "{\"first\":1}", &error));
	g_assert_true(audit_write(audit, large, &error));
	/* Another process: it must read the long line. */
	g_autoptr(Audit) other = audit_open(path, "", &error);
	g_assert_true(audit_write(other, "{\"third\":1}", &error));
	g_assert_cmpint(rename(path, old), ==, 0);
	/* A process that has seen nothing of the old file. */
	g_autoptr(Audit) fresh = audit_open(path, "", &error);
	g_assert_true(audit_write(fresh, "{\"fourth\":1}", &error));
	g_assert_true(audit_write(audit, "{\"fifth\":1}", &error));
	g_assert_no_error(error);

	g_autofree char *before = NULL, *after = NULL;
	g_assert_true(g_file_get_contents(old, &before, NULL, NULL));
	g_assert_true(g_file_get_contents(path, &after, NULL, NULL));
	g_autofree char *both = g_strconcat(before, after, NULL);
	g_auto(GStrv) lines = g_strsplit(both, "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 6);
	for (unsigned i = 0; i < 5; i++)
		assert_chained(lines[i], i > 0 ? lines[i - 1] : NULL);

	/* Damaged, or not ours to write: an event is written all the same. */
	static const char *const damaged[] = { "", "not a hash", "\"}\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
	g_autofree char *kept = g_strconcat(path, ".last", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(damaged); i++) {
		unlink(path);
		g_assert_true(g_file_set_contents(kept, damaged[i], -1, NULL));
		g_autoptr(Audit) next = audit_open(path, "", &error);
		g_assert_true(audit_write(next, "{}", &error));
		g_autofree char *line = NULL;
		g_assert_true(g_file_get_contents(path, &line, NULL, NULL));
		assert_chained(line, NULL);
	}
	unlink(path);
	unlink(kept);
	g_assert_cmpint(mkdir(kept, 0700), ==, 0);
	g_autoptr(Audit) alone = audit_open(path, "", &error);
	g_assert_true(audit_write(alone, "{}", &error));
	g_assert_cmpint(rmdir(kept), ==, 0);
	unlink(path);
	unlink(old);
}

/* Who can read the file can lock it: then nothing is delivered, but nothing hangs either. */
static void test_audit_locked(void)
{
	g_autofree char *path = g_build_filename(scratch, "locked.jsonl", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Audit) audit = audit_open(path, "", &error);
	g_assert_true(audit_write(audit, "{\"first\":1}", &error));
	int reader = open(path, O_RDONLY | O_CLOEXEC);
	g_assert_cmpint(flock(reader, LOCK_EX), ==, 0);
	int64_t start = g_get_monotonic_time();
	for (unsigned i = 0; i < 50; i++) {
		g_assert_false(audit_write(audit, "{\"lost\":1}", &error));
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
		g_clear_error(&error);
		g_assert_false(audit_check(audit, &error));
		g_clear_error(&error);
	}
	g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_TIME_SPAN_SECOND);
	close(reader);
	g_assert_true(audit_check(audit, &error));
	g_assert_true(audit_write(audit, "{\"second\":1}", &error));
	g_assert_no_error(error);
	unlink(path);
}

static void test_audit_cannot_be_written(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge\nmilter:\n  group: \"\"");
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, honest, tenant_default(), &error);
	g_assert_no_error(error);
	g_autofree char *bad = g_strconcat("topology: behind-edge\naudit:\n  file: ", scratch,
	                                   "/missing/audit.jsonl\n", NULL);
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) unusable = conf_parse("test", bad, strlen(bad), errors);
	g_assert_nonnull(unusable);
	/* A reload that cannot open its audit file changes nothing. */
	g_assert_false(sanitizer_reload(sanitizer, unusable, policy, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
}

/* No event, no delivery. */
static void test_audit_full(void)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	static const char text[] = "topology: behind-edge\naudit:\n  file: /dev/full\n";
	g_autoptr(Conf) conf = conf_parse("test", text, strlen(text), errors);
	g_assert_nonnull(conf);
	g_autoptr(GError) error = NULL;
	g_assert_null(run(honest, conf, plain_mail, sizeof plain_mail - 1, true, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
}

/* ---- who sent it ----------------------------------------------------------------------------------------
 */

#define AUTH_SETTINGS "\nauthentication: {authserv_id: Edge.City.example}"
#define AUTH_MAIL                                                                                            \
	"Authentication-Results: edge.city.example; dmarc=fail (p=reject) header.from=example.com\r\n"       \
	"Authentication-Results: edge.city.example; spf=Softfail (x) smtp.mailfrom=example.com\r\n"          \
	"Received: from a by edge.city.example; Fri, 20 Nov 2026 09:00:00 +0900\r\n"                         \
	"Authentication-Results: edge.city.example; dkim=pass header.d=example.com\r\n"                      \
	"From: yamada@example.com\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nSubject: x\r\n\r\n"
#define AUTH_LINE "\r\n【無害化】送信元の確認: SPF 不合格の疑い・DKIM 未確認・DMARC 不合格\r\n"

static const struct {
	const char *name, *settings;
	bool large;       /* the header alone is read */
	const char *line; /* NULL: nothing is said of it */
	const char *report;
} auths[] = {
	{ "nobody", "behind-edge", false, NULL, "\"auth\":{}" },
	{ "edge", "behind-edge" AUTH_SETTINGS, false, AUTH_LINE,
	  "\"auth\":{\"spf\":\"softfail\",\"dmarc\":\"fail\"}" },
	{ "header-alone",
	  "behind-edge" AUTH_SETTINGS "\nlimits: {message: 4KB, header_block: 2KB, header_field: 2KB}", true,
	  AUTH_LINE, "\"auth\":{\"spf\":\"softfail\",\"dmarc\":\"fail\"}" },
	{ "one-hop", "one-hop" AUTH_SETTINGS, false, AUTH_LINE,
	  "\"auth\":{\"spf\":\"softfail\",\"dmarc\":\"fail\"}" },
	{ "somebody-else", "behind-edge\nauthentication: {authserv_id: city.example}", false,
	  "\r\n【無害化】送信元の確認: 結果がありません", "\"auth\":{}" },
};

static SanitizeResult *run_in_pieces(Conf *conf, const char *header, const GString *body, GError **error)
{
	static const char *const recipients[] = { "taro@lgwan.example", NULL };
	const SanitizeEnvelope envelope = { .sender = "sender@example.com",
		                            .recipients = recipients,
		                            .client = "",
		                            .queue_id = "",
		                            .arrival = 1795132800,
		                            .must_answer = true };
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, honest, tenant_default(), error);
	g_autoptr(Original) original = original_new(conf_settings(conf)->limits.message, error);
	g_assert_true(original_append(original, header, strlen(header), NULL));
	original_end_of_headers(original);
	(void)!original_append(original, body->str, body->len, NULL);
	return sanitize_message(sanitizer, original, &envelope, NULL, NULL, error);
}

static void test_auth(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(auths); i++) {
		g_test_message("%s", auths[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(Conf) conf = conf_with(auths[i].settings);
		g_autoptr(GString) body = g_string_new("hello\r\n");
		while (auths[i].large && body->len < 8192)
			g_string_append(body, "more and more\r\n");
		g_autoptr(SanitizeResult) result = run_in_pieces(conf, AUTH_MAIL, body, &error);
		g_assert_no_error(error);
		assert_verified(result);
		g_autofree char *text = text_of(result);
		g_assert_cmpint(strstr(text, "送信元の確認") != NULL, ==, auths[i].line != NULL);
		g_assert_true(auths[i].line == NULL || strstr(text, auths[i].line) != NULL);
		g_assert_cmpint(strstr(text, "DMARC 不合格）。") != NULL, ==,
		                strstr(text, AUTH_LINE) != NULL);
		g_assert_cmpint(strstr(text, "hello") == NULL, ==, auths[i].large);
		g_assert_nonnull(strstr(result->report, auths[i].report));
	}
}

/* Nothing of the header could be read: the line is in its place, and says so. */
static void test_auth_of_nothing(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge" AUTH_SETTINGS);
	g_autoptr(SanitizeResult) result = run(honest, conf, "", 0, true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, " -----\r\n【無害化】送信元の確認: 結果がありません"));
}

/* ---- a parser that lies -----------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	bool refused;
} lies[] = {
	{ "unknown-counter", true },
	{ "counter-twice", true },
	{ "counter-too-large", true },
	{ "unknown-limit", true },
	{ "unknown-string", true },
	{ "subject-twice", true },
	{ "subject-after-body", true },
	{ "address-out-of-order", true },
	{ "unknown-address-list", true },
	{ "unknown-stream", true },
	{ "unknown-status", true },
	{ "part-outside-arena", true },
	{ "part-twice", true },
	{ "part-unknown-reason", true },
	{ "escape-in-subject", true },
	{ "notice-in-body", false },
	{ "uuencode-in-body", false },
	{ "base64-in-body", false },
	{ "bidi-and-floods", false },
	{ "hostile-headers", false },
	{ "hostile-names", false },
	{ "many-of-all", false },
	{ "hops", false },
	{ "empty", false },
	{ "field-unasked", true },
	{ "limit-of-ours", true },
	{ "truth-of-two", true },
	{ "count-too-large", true },
};

static void test_lie(gconstpointer data)
{
	unsigned index = GPOINTER_TO_UINT(data);
	g_autofree char *mail = g_strdup_printf("LIE %u\n", index);
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) result = run(liar, conf, mail, strlen(mail), true, &error);
	if (lies[index].refused) {
		g_assert_null(result);
		g_test_message("%s", error->message);
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
		return;
	}
	g_assert_no_error(error);
	if (result->outcome == SANITIZE_DISCARD)
		return;
	assert_verified(result);
}

static const struct {
	const char *name, *mail, *settings, *refusal; /* NULL: believed */
} auth_lies[] = {
	{ "unasked", "LIE 29\n", "behind-edge", "nobody asked for" },
	{ "asked", "LIE 29\n", "behind-edge" AUTH_SETTINGS, NULL },
	{ "unknown-result", "LIE 30\n", "behind-edge" AUTH_SETTINGS, "out of its range" },
	{ "twice", "LIE 31\n", "behind-edge" AUTH_SETTINGS, "came before" },
};

/* A claim like all of the header: it can be false, but only be one of a few small numbers. */
static void test_auth_lies(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(auth_lies); i++) {
		g_test_message("%s", auth_lies[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(Conf) conf = conf_with(auth_lies[i].settings);
		g_autoptr(SanitizeResult) result =
		        run(liar, conf, auth_lies[i].mail, strlen(auth_lies[i].mail), true, &error);
		if (auth_lies[i].refusal != NULL) {
			g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
			g_assert_nonnull(strstr(error->message, auth_lies[i].refusal));
			continue;
		}
		g_assert_no_error(error);
		assert_verified(result);
		g_assert_nonnull(strstr(result->report, "\"auth\":{\"dmarc\":\"pass\"}"));
	}
}

/* ---- content that breaks its parser again and again -------------------------------------------------------
 */

static void test_sign_lies(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Conf) conf = conf_with("behind-edge");
	g_autoptr(SanitizeResult) none = run(liar, conf, "LIE 32\n", strlen("LIE 32\n"), true, &error);
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
	g_assert_nonnull(strstr(error->message, "out of its range"));
	g_clear_error(&error);
	g_autoptr(SanitizeResult) result = run(liar, conf, "LIE 33\n", strlen("LIE 33\n"), true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, "アドレスが 1000000 個"));
	g_assert_null(strstr(text, "本当の差出人は"));
}

/* The number of the liar's answer that never comes. */
#define LIE_SPIN "28"

/* One attempt, as after a restart: everything is made anew but the state directory. */
static SanitizeResult *attempt_with(const char *mail, const SanitizeEnvelope *envelope, Conf *conf,
                                    ProgressFunc progress, GError **error)
{
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, liar, tenant_default(), error);
	g_assert_nonnull(sanitizer);
	g_autoptr(Original) original = original_new(conf_settings(conf)->limits.message, error);
	g_assert_true(original_append(original, mail, strlen(mail), error));
	original_end_of_headers(original);
	g_assert_true(original_append(original, "\nbody\n", 6, error));
	return sanitize_message(sanitizer, original, envelope, progress, NULL, error);
}

static SanitizeResult *attempt_by(const char *mail, const char *sender, const char *const *recipients,
                                  GError **error)
{
	const SanitizeEnvelope envelope = { .sender = sender,
		                            .recipients = recipients,
		                            .client = "",
		                            .queue_id = "",
		                            .arrival = 1795132800,
		                            .must_answer = true };
	g_autoptr(Conf) conf = conf_with("behind-edge");
	return attempt_with(mail, &envelope, conf, NULL, error);
}

static SanitizeResult *attempt(const char *mail, const char *recipient, const char *topology,
                               bool must_answer, GError **error)
{
	const char *const recipients[] = { recipient, NULL };
	const SanitizeEnvelope envelope = { .sender = "smtp@sender.example",
		                            .recipients = recipients,
		                            .client = "",
		                            .queue_id = "",
		                            .arrival = 1795132800,
		                            .must_answer = must_answer };
	g_autoptr(Conf) conf = conf_with(topology);
	return attempt_with(mail, &envelope, conf, NULL, error);
}

static void assert_refused_twice(const char *mail, const char *recipient, const char *topology)
{
	for (unsigned i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(attempt(mail, recipient, topology, true, &error));
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
	}
}

static void test_unreadable(void)
{
	g_autoptr(GError) error = NULL;
	assert_refused_twice("LIE 0", "taro@lgwan.example", "behind-edge");
	/* For another recipient it counts anew. */
	assert_refused_twice("LIE 0", "hanako@lgwan.example", "behind-edge");
	for (unsigned i = 0; i < 2; i++) {
		/* Once more, should Postfix not have heard the answer: the same. */
		g_autoptr(SanitizeResult) result =
		        attempt("LIE 0", "taro@lgwan.example", "behind-edge", true, &error);
		g_assert_no_error(error);
		g_assert_cmpint(result->outcome, ==, SANITIZE_CLEAN);
		assert_verified(result);
		g_assert_cmpstr(header_of(result, "Subject"), ==, "kept");
		g_assert_cmpstr(header_of(result, "From"), ==, "kept@from.example");
		g_assert_nonnull(strstr(result->report, "\"decision\":\"notice-only\""));
		g_assert_nonnull(strstr(result->report, "\"unreadable\""));
		g_autofree char *text = text_of(result);
		g_assert_null(strstr(text, "body"));
	}
}

/* The header kills its own child as well: what SMTP gave is left. */
static void test_unreadable_header(void)
{
	g_autoptr(GError) error = NULL;
	assert_refused_twice("LIE 0 1", "taro@lgwan.example", "behind-edge");
	g_autoptr(SanitizeResult) result =
	        attempt("LIE 0 1", "taro@lgwan.example", "behind-edge", true, &error);
	g_assert_no_error(error);
	assert_verified(result);
	g_assert_null(strstr(header_of(result, "From"), "kept"));
	g_autofree char *text = text_of(result);
	g_assert_nonnull(strstr(text, "smtp[@]sender.example"));
	g_assert_nonnull(strstr(text, "ヘッダーを読み取れなかった"));
	g_assert_null(strstr(text, "日付がないか"));
}

/* A header that never ends has a second, not the time of a whole mail. */
static void test_unreadable_header_spins(void)
{
	static const char settings[] = "behind-edge\nlimits: {parse_cpu: 40s, parse_wall: 100s}";
	g_autoptr(GError) error = NULL;
	assert_refused_twice("LIE 0 " LIE_SPIN, "taro@lgwan.example", settings);
	int64_t start = g_get_monotonic_time();
	g_autoptr(SanitizeResult) result =
	        attempt("LIE 0 " LIE_SPIN, "taro@lgwan.example", settings, true, &error);
	g_assert_no_error(error);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_TIME_SPAN_SECOND);
	assert_verified(result);
	g_assert_nonnull(strstr(result->report, "\"header_read\":false"));
}

static void *spin_main(void *data)
{
	static const char *const recipients[] = { "slow@lgwan.example", NULL };
	const SanitizeEnvelope envelope = {
		.sender = "", .recipients = recipients, .client = "", .queue_id = "", .must_answer = true
	};
	GError *error = NULL;
	g_autoptr(Original) original = original_new(1000, &error);
	g_assert_true(original_append(original, "LIE " LIE_SPIN "\n", strlen("LIE " LIE_SPIN "\n"), &error));
	g_assert_null(sanitize_message(data, original, &envelope, NULL, NULL, &error));
	return error;
}

/* Those that had to wait for the slow lane, too: most of a flood does. */
static void test_slow_ones_are_lowered(void)
{
	g_autoptr(Conf) conf = conf_with("behind-edge\nwork: {slots: 2}\nlimits: {parse_cpu: 1s}");
	g_autoptr(Policy) policy = policy_builtin();
	g_autoptr(Sanitizer) sanitizer = sanitizer_new(conf, policy, liar, tenant_default(), NULL);
	SupervisorStatus before, after;
	SanitizeStatus status;
	GThread *threads[2];
	g_assert_true(supervisor_status(liar, &before, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("spin", spin_main, sanitizer);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		g_autoptr(GError) error = g_thread_join(threads[i]);
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
	}
	g_assert_true(supervisor_status(liar, &after, NULL));
	sanitizer_status(sanitizer, &status);
	g_assert_cmpuint(status.slowed, ==, G_N_ELEMENTS(threads));
	g_assert_cmpuint(after.lowered, ==, before.lowered + G_N_ELEMENTS(threads));
}

/* Other senders and another order of the recipients are the same mail for the same people. */
static void test_unreadable_key(void)
{
	static const char *const one[] = { "a@lgwan.example", "b@lgwan.example", NULL };
	static const char *const two[] = { "b@lgwan.example", "a@lgwan.example", NULL };
	static const char *const less[] = { "a@lgwan.example", NULL };
	g_autoptr(GError) error = NULL;
	g_assert_null(attempt_by("LIE 4", "one@sender.example", one, NULL));
	g_assert_null(attempt_by("LIE 4", "two@sender.example", two, NULL));
	g_assert_null(attempt_by("LIE 4", "one@sender.example", less, NULL));
	g_autoptr(SanitizeResult) result = attempt_by("LIE 4", "three@sender.example", one, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(result->report, "\"unreadable\""));
}

static bool give_up(void *user)
{
	(void)user;
	return false;
}

/* After an outage every mail arrives in full: what the environment did is never counted. */
static void test_environment_is_not_counted(void)
{
	static const char *const recipients[] = { "taro@lgwan.example", NULL };
	const SanitizeEnvelope envelope = {
		.sender = "", .recipients = recipients, .client = "", .queue_id = "", .must_answer = true
	};
	g_autoptr(Conf) conf = conf_with("behind-edge");
	for (unsigned i = 0; i < 4; i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(attempt_with("LIE " LIE_SPIN, &envelope, conf, give_up, &error));
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	}
}

/* Both are told: what broke, and why that could not be counted. */
static void test_uncounted(void)
{
	static const char *const recipients[] = { "taro@lgwan.example", NULL };
	const SanitizeEnvelope envelope = {
		.sender = "", .recipients = recipients, .client = "", .queue_id = "", .must_answer = true
	};
	static const char settings[] =
	        "topology: behind-edge\nstate: {directory: /proc/nowhere}\naudit: {file: \"\"}\n";
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Conf) conf = conf_parse("test", settings, strlen(settings), errors);
	g_assert_nonnull(conf);
	g_autoptr(GError) error = NULL;
	g_assert_null(attempt_with("LIE 5", &envelope, conf, NULL, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
	g_assert_nonnull(strstr(error->message, "; this cannot be counted: cannot make /proc/nowhere"));
	g_assert_false(g_str_has_prefix(error->message, ";"));
}

static void test_unreadable_one_hop(void)
{
	g_autoptr(GError) error = NULL;
	assert_refused_twice("LIE 2", "taro@lgwan.example", "one-hop");
	g_autoptr(SanitizeResult) result = attempt("LIE 2", "taro@lgwan.example", "one-hop", true, &error);
	g_assert_no_error(error);
	g_assert_cmpint(result->outcome, ==, SANITIZE_REFUSE);
	/* No rule is to blame. */
	g_assert_cmpint(result->cause, ==, SANITIZE_CAUSE_UNREADABLE);
	g_assert_nonnull(strstr(result->report, "\"outcome\":\"refuse\",\"decision\":\"notice-only\""));
	g_assert_nonnull(strstr(result->report, "\"rule\":\"\"}"));
}

/* The command has no queue: its caller sees each failure, and none is counted. */
static void test_unreadable_command(void)
{
	for (unsigned i = 0; i < 5; i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(attempt("LIE 3", "taro@lgwan.example", "behind-edge", false, &error));
		g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_CONTENT);
	}
	assert_refused_twice("LIE 3", "taro@lgwan.example", "behind-edge");
}

/* ---- the counts themselves
 * ----------------------------------------------------------------------------------- */

static void test_failures(void)
{
	g_autofree char *directory = g_build_filename(scratch, "counts", NULL);
	g_autofree char *file = g_build_filename(directory, "failures", "ab12", NULL);
	g_autoptr(GError) error = NULL;
	unsigned count = 0;
	g_autoptr(Failures) failures = failures_new(directory);
	g_assert_cmpuint(failures_count(failures, "ab12", 1000), ==, 0);
	g_assert_true(failures_add(failures, "ab12", 1000, &count, &error));
	g_assert_true(failures_add(failures, "ab12", 2000, &count, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count, ==, 2);
	g_autoptr(Failures) after = failures_new(directory);
	g_assert_cmpuint(failures_count(after, "ab12", 1000 + FAILURES_SECONDS), ==, 2);
	g_assert_cmpuint(failures_count(after, "ab12", 1001 + FAILURES_SECONDS), ==, 0);
	g_assert_cmpuint(failures_count(after, "../ab12", 1000), ==, 0);
	/* A damaged file counts as none, and heals. */
	g_assert_true(g_file_set_contents(file, "nonsense", -1, NULL));
	g_assert_cmpuint(failures_count(after, "ab12", 1000), ==, 0);
	g_assert_true(failures_add(after, "ab12", 1000, &count, &error));
	g_assert_cmpuint(count, ==, 1);
	/* It cannot be kept: the environment's fault. */
	g_autoptr(Failures) nowhere = failures_new("/proc/nowhere");
	g_assert_false(failures_add(nowhere, "ab12", 1000, &count, &error));
	g_assert_error(error, SANITIZE_ERROR, SANITIZE_ERROR_ENVIRONMENT);
}

static unsigned count_files(const char *path)
{
	unsigned n = 0;
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	while (g_dir_read_name(directory) != NULL)
		n++;
	return n;
}

static void make_file(const char *directory, unsigned number, int64_t changed)
{
	g_autofree char *path = g_strdup_printf("%s/%08x", directory, number);
	const struct timespec times[2] = { { .tv_sec = changed }, { .tv_sec = changed } };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(futimens(fd, times), ==, 0);
	close(fd);
}

/* Each new count first makes room: what is old goes, then the oldest above the cap. */
static void test_failures_cap(void)
{
	g_autofree char *directory = g_build_filename(scratch, "many", NULL);
	g_autofree char *files = g_build_filename(directory, "failures", NULL);
	g_autofree char *oldest = g_build_filename(files, "00000000", NULL);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;
	unsigned count = 0;
	g_assert_cmpint(g_mkdir_with_parents(files, 0700), ==, 0);
	for (unsigned i = 0; i < 10; i++)
		make_file(files, i, now - FAILURES_SECONDS - 100);
	make_file(files, 10, now - FAILURES_SECONDS + 1000);
	g_autoptr(Failures) failures = failures_new(directory);
	g_assert_true(failures_add(failures, "aa", now, &count, NULL));
	g_assert_cmpuint(count_files(files), ==, 2);
	make_file(files, 0, now - 1000);
	for (unsigned i = 11; i < FAILURES_FILES_MAX + 20; i++)
		make_file(files, i, now);
	g_assert_true(failures_add(failures, "bb", now, &count, NULL));
	g_assert_cmpuint(count_files(files), ==, FAILURES_FILES_MAX);
	g_assert_false(g_file_test(oldest, G_FILE_TEST_EXISTS));
	g_assert_cmpuint(failures_count(failures, "bb", now), ==, 1);
}

static void remove_tree(const char *path)
{
	char *arguments[] = { (char *)"rm", (char *)"-rf", (char *)path, NULL };
	g_assert_true(
	        g_spawn_sync(NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	scratch = g_dir_make_tmp("mugai-sanitize-XXXXXX", NULL);
	honest = start(PARSE_PATH);
	liar = start(LIAR_PATH);
	g_test_add_func("/pipeline/plain", test_plain);
	g_test_add_func("/pipeline/same-bytes", test_same_bytes);
	g_test_add_func("/pipeline/part", test_part_is_removed_and_told);
	g_test_add_func("/pipeline/no-mail", test_no_mail);
	g_test_add_func("/pipeline/empty-and-large", test_empty_and_large);
	g_test_add_func("/pipeline/large-with-header", test_large_with_header);
	g_test_add_func("/pipeline/report-of-envelope", test_report_of_envelope);
	g_test_add_func("/pipeline/one-hop", test_one_hop_refuses);
	g_test_add_func("/pipeline/loop", test_loop);
	g_test_add_func("/pipeline/large-text", test_large_text);
	g_test_add_func("/pipeline/auth", test_auth);
	g_test_add_func("/pipeline/auth-of-nothing", test_auth_of_nothing);
	g_test_add_func("/lies/auth", test_auth_lies);
	g_test_add_func("/lies/sign", test_sign_lies);
	g_test_add_func("/unreadable/third-time", test_unreadable);
	g_test_add_func("/unreadable/header", test_unreadable_header);
	g_test_add_func("/unreadable/header-spins", test_unreadable_header_spins);
	g_test_add_func("/slow/lowered", test_slow_ones_are_lowered);
	g_test_add_func("/unreadable/key", test_unreadable_key);
	g_test_add_func("/unreadable/environment", test_environment_is_not_counted);
	g_test_add_func("/unreadable/uncounted", test_uncounted);
	g_test_add_func("/unreadable/one-hop", test_unreadable_one_hop);
	g_test_add_func("/unreadable/command", test_unreadable_command);
	g_test_add_func("/unreadable/counts", test_failures);
	g_test_add_func("/unreadable/cap", test_failures_cap);
	g_test_add_func("/audit/chain", test_audit_chain);
	g_test_add_func("/audit/rotation", test_audit_rotation);
	g_test_add_func("/audit/locked", test_audit_locked);
	g_test_add_func("/audit/cannot-be-opened", test_audit_cannot_be_written);
	g_test_add_func("/audit/full", test_audit_full);
	for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autofree char *path = g_strconcat("/lies/", lies[i].name, NULL);
		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_lie);
	}
	int failed = g_test_run();
	supervisor_stop(honest);
	supervisor_stop(liar);
	remove_tree(scratch);
	return failed;
}
