/* cmd_status_show: the status for people. What is wrong comes first; then figures in groups, with units. */
#include "cmd_status_priv.h"

#include "clean_text.h"

#include <stdio.h>
#include <string.h>

/* Within 80 columns. */
enum { LABEL_COLUMNS = 30, FIGURE_COLUMNS = 12, KIND_COLUMNS = 8, KIND_FIGURE_COLUMNS = 10 };

/* A text in both languages. */
typedef struct {
	const char *english;
	const char *japanese;
} Text;

typedef struct {
	GHashTable *members;
	bool japanese;
} Show;

static const char *say(const Show *s, Text text)
{
	return s->japanese ? text.japanese : text.english;
}

static const char *member(const Show *s, const char *path)
{
	return g_hash_table_lookup(s->members, path);
}

static const char *element(const Show *s, const char *list, unsigned i, const char *name)
{
	g_autofree char *path = g_strdup_printf("%s.%u%s%s", list, i, *name != '\0' ? "." : "", name);
	return member(s, path);
}

/* ---- words ----------------------------------------------------------------------------------------- */

/* The daemon's texts may quote a settings file: what steers a terminal is not passed on. Returns columns. */
static unsigned print_safe(const char *text)
{
	unsigned columns = 0;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		char bytes[8] = "?";
		if (g_unichar_isprint(c))
			bytes[g_unichar_to_utf8(c, bytes)] = '\0';
		fputs(bytes, stdout);
		columns += clean_width(c);
	}
	return columns;
}

static void fill(unsigned columns, unsigned width)
{
	for (; columns < width; columns++)
		putchar(' ');
}

static void print_label(const char *label)
{
	fputs("  ", stdout);
	fill(print_safe(label), LABEL_COLUMNS);
}

/* 1234567 -> "1,234,567"; what is no number stays as it is. */
static char *grouped(const char *number)
{
	GString *text = g_string_new(number);
	if (strspn(number, "0123456789") == text->len)
		for (gssize at = (gssize)text->len - 3; at > 0; at -= 3)
			g_string_insert_c(text, at, ',');
	return g_string_free(text, FALSE);
}

static char *bytes_text(const char *number)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
	double value = g_ascii_strtod(number, NULL);
	size_t unit = 0;
	while (value >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	return g_strdup_printf(unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static char *duration_text(const Show *s, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		Text unit;
	} units[] = { { 86400, { "d", "日" } },
		      { 3600, { "h", "時間" } },
		      { 60, { "min", "分" } },
		      { 1, { "s", "秒" } } };
	GString *text = g_string_new(NULL);
	unsigned told = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(units) && told < 2; i++) {
		uint64_t n = seconds / units[i].seconds;
		seconds %= units[i].seconds;
		if (n == 0 && !(i + 1 == G_N_ELEMENTS(units) && told == 0))
			continue;
		g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", told > 0 ? " " : "", n,
		                       say(s, units[i].unit));
		told++;
	}
	return g_string_free(text, FALSE);
}

/* "2026-11-30T17:21:50+09:00" -> "2026-11-30 17:21:50" */
static char *time_text(const char *iso)
{
	char *text = g_strndup(iso, strlen("2026-11-30T17:21:50"));
	char *t = strchr(text, 'T');
	if (t != NULL)
		*t = ' ';
	return text;
}

/* ---- what is wrong --------------------------------------------------------------------------------- */

static const struct {
	const char *code;
	Text text;
	const char *detail; /* a member that says more */
} sentences[] = {
	/* clang-format off */
	{ "supervisor", { "the supervisor process does not answer", "監視プロセスが応答しません" }, "supervisor.error" },
	{ "socket", { "the milter socket is gone or another's", "Postfix がつなぐソケットが無いか、別のものに替わっています" }, NULL },
	{ "not-accepting", { "nobody answers at the milter socket", "ソケットにつないでも応答がありません" }, NULL },
	{ "stuck", { "a message does not end: its thread hangs", "終わらないメールがあります（処理が止まっています）" }, NULL },
	{ "audit", { "the audit file cannot be written; no mail is let through", "監査記録に書き込めないため、メールを通せません" }, "audit.error" },
	{ "state", { "the state directory cannot be written", "状態のディレクトリーに書き込めません" }, "disk.state.error" },
	{ "zygote", { "a parent process of jails is being started", "隔離の親プロセスを起動しているところです" }, NULL },
	{ "disk-state", { "little room is left for the state directory", "状態のディレクトリーの空きが少なくなっています" }, NULL },
	{ "disk-audit", { "little room is left for the audit file", "監査記録の空きが少なくなっています" }, NULL },
	{ "descriptors", { "nearly all file descriptors are in use", "ファイル記述子が残り少なくなっています" }, NULL },
	{ "clock", { "nothing keeps the clock of this host", "時計が時刻サーバーに合わせられていません" }, NULL },
	{ "submission", { "submission.socket cannot be reached: mails with very many header fields wait", "submission.socket に届かないため、ヘッダーの行がとても多いメールが待たされます" }, NULL },
	{ "office", { "some Office documents cannot be converted and are removed", "変換できず取り除かれる Office 文書があります" }, "office.text" },
	{ "reload", { "the last reload was refused, the old settings stay", "最後の再読み込みは拒否され、前の設定のままです" }, "reload.text" },
	/* clang-format on */
};

static void print_sentence(const Show *s, const char *mark, const char *code)
{
	const char *detail = NULL;
	const char *text = code;
	for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++) {
		if (strcmp(sentences[i].code, code) != 0)
			continue;
		text = say(s, sentences[i].text);
		detail = sentences[i].detail != NULL ? member(s, sentences[i].detail) : NULL;
	}
	printf("  %s ", mark);
	print_safe(text);
	if (detail != NULL) {
		fputs(": ", stdout);
		print_safe(detail);
	}
	putchar('\n');
}

static void print_sentences(const Show *s, const char *list, Text mark)
{
	const char *code;
	for (unsigned i = 0; (code = element(s, list, i, "")) != NULL; i++)
		print_sentence(s, say(s, mark), code);
}

static void print_head(const Show *s)
{
	static const Text well = { "well", "正常に動いています" };
	static const Text unwell = { "not well", "異常があります" };
	bool is_well = g_strcmp0(member(s, "well"), "true") == 0;
	const char *version = member(s, "version");
	printf("Mugai %s: %s\n", version != NULL ? version : "?", say(s, is_well ? well : unwell));
	print_sentences(s, "reasons", (Text) { "[problem]", "[異常]" });
	print_sentences(s, "warnings", (Text) { "[warning]", "[注意]" });
}

/* ---- figures --------------------------------------------------------------------------------------- */

typedef enum { FIGURE_NUMBER, FIGURE_BYTES, FIGURE_SECONDS, FIGURE_MS, FIGURE_TIME, FIGURE_TEXT } Figure;

typedef struct {
	const char *path;
	Figure figure;
	Text label;
} Row;

static char *figure_text(const Show *s, Figure figure, const char *value)
{
	switch (figure) {
	case FIGURE_NUMBER:
		return grouped(value);
	case FIGURE_BYTES:
		return bytes_text(value);
	case FIGURE_SECONDS:
		return duration_text(s, g_ascii_strtoull(value, NULL, 10));
	case FIGURE_MS:
		return duration_text(s, g_ascii_strtoull(value, NULL, 10) / 1000);
	case FIGURE_TIME:
		return time_text(value);
	default:
		return g_strdup(value);
	}
}

static void print_rows(const Show *s, Text title, const Row *rows, size_t n)
{
	printf("\n%s\n", say(s, title));
	for (size_t i = 0; i < n; i++) {
		const char *value = member(s, rows[i].path);
		if (value == NULL || *value == '\0')
			continue;
		g_autofree char *text = figure_text(s, rows[i].figure, value);
		print_label(say(s, rows[i].label));
		print_safe(text);
		putchar('\n');
	}
}

static const Row general[] = {
	/* clang-format off */
	{ "uptime_s", FIGURE_SECONDS, { "running for", "稼働時間" } },
	{ "pid", FIGURE_TEXT, { "process", "プロセス" } },
	{ "supervisor.pid", FIGURE_TEXT, { "supervisor process", "監視プロセス" } },
	{ "topology", FIGURE_TEXT, { "topology", "設置の形" } },
	{ "policy.name", FIGURE_TEXT, { "policy", "規則" } },
	{ "policy.version", FIGURE_TEXT, { "policy version", "規則の版" } },
	{ "reload.time", FIGURE_TIME, { "last reload", "最後の再読み込み" } },
	{ "reload.result", FIGURE_TEXT, { "its result", "その結果" } },
	/* clang-format on */
};

static const Row work[] = {
	/* clang-format off */
	{ "messages.in_work", FIGURE_NUMBER, { "in work", "処理中" } },
	{ "messages.waiting", FIGURE_NUMBER, { "waiting", "順番待ち" } },
	{ "messages.slow", FIGURE_NUMBER, { "in work, that take long", "処理中のうち時間のかかるもの" } },
	{ "messages.slow_waiting", FIGURE_NUMBER, { "waiting, that take long", "順番待ちのうち同じもの" } },
	{ "messages.turned_away", FIGURE_NUMBER, { "turned away, too many", "混雑のため再送になったもの" } },
	{ "messages.oldest_ms", FIGURE_MS, { "the oldest, for", "最も長いもの" } },
	{ "documents.in_work", FIGURE_NUMBER, { "documents being converted", "変換中の文書" } },
	{ "documents.waiting", FIGURE_NUMBER, { "documents waiting", "変換待ちの文書" } },
	{ "documents.drawn", FIGURE_NUMBER, { "documents converted", "変換した文書" } },
	{ "documents.shared", FIGURE_NUMBER, { "reused for another copy", "同じメールの別の宛先に使い回した文書" } },
	{ "originals_held", FIGURE_BYTES, { "in reception", "受信中の原本" } },
	{ "failures.count", FIGURE_NUMBER, { "broke the parser, counted", "解析できず数えているメール" } },
	{ "failures.final", FIGURE_NUMBER, { "of these a notice alone", "うち通知のみになったもの" } },
	{ "failures.oldest", FIGURE_TIME, { "the oldest since", "最も古いもの" } },
	{ "alarms.count", FIGURE_NUMBER, { "undeliverable", "届けられなかったメール" } },
	/* clang-format on */
};

static const Row machine[] = {
	/* clang-format off */
	{ "disk.state.free_bytes", FIGURE_BYTES, { "free for the state", "空き容量（状態）" } },
	{ "disk.state.free_inodes", FIGURE_NUMBER, { "free inodes (state)", "空き inode（状態）" } },
	{ "disk.audit.free_bytes", FIGURE_BYTES, { "free for the audit", "空き容量（監査記録）" } },
	{ "disk.audit.free_inodes", FIGURE_NUMBER, { "free inodes (audit)", "空き inode（監査記録）" } },
	{ "memory_resident", FIGURE_BYTES, { "memory of the daemon", "常駐プログラムのメモリー" } },
	{ "supervisor.memory_used", FIGURE_BYTES, { "memory of jails in use", "隔離が使うメモリー" } },
	{ "supervisor.memory_budget", FIGURE_BYTES, { "allowed", "その上限" } },
	{ "descriptors.used", FIGURE_NUMBER, { "file descriptors in use", "使用中のファイル記述子" } },
	{ "descriptors.limit", FIGURE_NUMBER, { "allowed", "その上限" } },
	{ "clock", FIGURE_TEXT, { "clock", "時計" } },
	/* clang-format on */
};

static const struct {
	const char *name;
	Text label;
} outcomes[] = {
	{ "delivered", { "delivered", "配送 (delivered)" } },
	{ "notice_only", { "notice only", "通知のみ" } },
	{ "held", { "held", "保留" } },
	{ "refused", { "refused", "拒否" } },
	{ "discarded", { "discarded (loops)", "破棄（ループ）" } },
	{ "failed_content", { "failed by content", "内容による失敗（再送待ち）" } },
	{ "failed_environment", { "failed by environment", "環境による失敗（再送待ち）" } },
};

static void print_figure(const char *number)
{
	g_autofree char *text = grouped(number != NULL ? number : "-");
	fill((unsigned)strlen(text), FIGURE_COLUMNS);
	fputs(text, stdout);
}

static void print_right(const char *text, unsigned width)
{
	unsigned columns = 0;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		columns += clean_width(g_utf8_get_char(p));
	fill(columns, width);
	print_safe(text);
}

static void print_outcomes(const Show *s)
{
	const char *since = member(s, "totals.since");
	g_autofree char *day = time_text(since != NULL ? since : "");
	printf("\n%s\n", say(s, (Text) { "Messages", "メール" }));
	print_label("");
	print_right(say(s, (Text) { "since start", "起動から" }), FIGURE_COLUMNS);
	print_right(say(s, (Text) { "in all", "累計" }), FIGURE_COLUMNS);
	printf("  (%.10s%s)\n", *day != '\0' ? day : "?", say(s, (Text) { " on", " から" }));
	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		g_autofree char *now = g_strconcat("messages.", outcomes[i].name, NULL);
		g_autofree char *all = g_strconcat("totals.", outcomes[i].name, NULL);
		print_label(say(s, outcomes[i].label));
		print_figure(member(s, now));
		print_figure(member(s, all));
		putchar('\n');
	}
}

/* ---- lists ----------------------------------------------------------------------------------------- */

typedef struct {
	const char *name;
	Text label;
} Column;

static const Column kind_columns[] = {
	/* clang-format off */
	{ "running", { "in use", "使用中" } },
	{ "spare", { "ready", "待機中" } },
	{ "started", { "so far", "延べ" } },
	{ "crashed", { "crashed", "異常終了" } },
	{ "timed_out", { "timed out", "時間切れ" } },
	{ "zygote_restarts", { "restarts", "再起動" } },
	{ "zygote", { "zygote", "親の番号" } },
	/* clang-format on */
};

static void print_kinds(const Show *s)
{
	const char *name;
	printf("\n%s\n", say(s, (Text) { "Jails", "隔離" }));
	fputs("  ", stdout);
	fill(0, KIND_COLUMNS);
	for (size_t i = 0; i < G_N_ELEMENTS(kind_columns); i++)
		print_right(say(s, kind_columns[i].label), KIND_FIGURE_COLUMNS);
	putchar('\n');
	for (unsigned k = 0; (name = element(s, "supervisor.kinds", k, "name")) != NULL; k++) {
		fputs("  ", stdout);
		fill(print_safe(name), KIND_COLUMNS);
		for (size_t i = 0; i < G_N_ELEMENTS(kind_columns); i++) {
			const char *value = element(s, "supervisor.kinds", k, kind_columns[i].name);
			print_right(value != NULL ? value : "-", KIND_FIGURE_COLUMNS);
		}
		putchar('\n');
	}
	fputs("  ", stdout);
	fputs(say(s, (Text) { "walls:", "壁:" }), stdout);
	for (unsigned i = 0; (name = element(s, "supervisor.walls", i, "")) != NULL; i++)
		printf(" %s", name);
	putchar('\n');
}

static void print_office(const Show *s)
{
	const char *name, *state = member(s, "office.state");
	if (state == NULL)
		return;
	static const struct {
		const char *state;
		Text text;
	} states[] = { { "not-tested", { "not tested", "未確認" } },
		       { "testing", { "being tested", "確認中" } },
		       { "tested", { "works", "変換できます" } } };
	Text fine = { state, state };
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		fine = strcmp(states[i].state, state) == 0 ? states[i].text : fine;
	printf("\n%s\n", say(s, (Text) { "Office documents", "Office 文書" }));
	for (unsigned i = 0; (name = element(s, "office.families", i, "name")) != NULL; i++) {
		const char *why = element(s, "office.families", i, "why");
		print_label(name);
		print_safe(why != NULL && *why != '\0' ? why : say(s, fine));
		putchar('\n');
	}
}

/* Each a line: the time, then these members that are there. */
static void print_events(const Show *s, Text title, const char *list, const char *const *names)
{
	const char *when;
	for (unsigned i = 0; (when = element(s, list, i, "time")) != NULL; i++) {
		g_autofree char *time = time_text(when);
		if (i == 0)
			printf("\n%s\n", say(s, title));
		printf("  %s", time);
		for (const char *const *name = names; *name != NULL; name++) {
			const char *value = element(s, list, i, *name);
			if (value == NULL || *value == '\0')
				continue;
			fputs("  ", stdout);
			print_safe(value);
		}
		putchar('\n');
	}
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static bool wants_japanese(void)
{
	const char *language = g_getenv("LC_ALL");
	if (language == NULL || *language == '\0')
		language = g_getenv("LANG");
	return language != NULL && g_str_has_prefix(language, "ja");
}

void status_show(GHashTable *members)
{
	static const char *const error_names[] = { "id", "text", NULL };
	static const char *const alarm_names[] = { "queue", "queue_id", "status", "id", NULL };
	const Show s = { .members = members, .japanese = wants_japanese() };
	print_head(&s);
	print_outcomes(&s);
	print_rows(&s, (Text) { "Work", "処理" }, work, G_N_ELEMENTS(work));
	print_kinds(&s);
	print_office(&s);
	print_events(&s, (Text) { "Last errors", "最近の異常" }, "errors", error_names);
	print_events(&s, (Text) { "Last undeliverable", "最近の届けられなかったメール" }, "alarms.last",
	             alarm_names);
	print_rows(&s, (Text) { "Host", "資源" }, machine, G_N_ELEMENTS(machine));
	print_rows(&s, (Text) { "Daemon", "常駐プログラム" }, general, G_N_ELEMENTS(general));
}
