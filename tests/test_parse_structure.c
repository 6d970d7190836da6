/* Where parts begin and end: what any reader may take for a border is one, and no text is lost for it. */
#include "parse_structure_priv.h"

#include <string.h>

/* Lines `PATH TYPE {CONTENT}`: containers and attached mails without content. */
static char *outline(const ParseStructure *structure)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < structure->nodes->len; i++) {
		const ParseNode *node = parse_structure_node(structure, i);
		uint16_t path[PLAIN_DEPTH_MAX];
		uint16_t depth = parse_structure_path(structure, i, path);
		for (uint16_t d = 0; d < depth; d++)
			g_string_append_printf(out, d > 0 ? ".%u" : "%u", path[d]);
		g_string_append_printf(out, "%s%s", depth > 0 ? " " : "", node->type);
		if (node->kind == PARSE_NODE_LEAF)
			g_string_append_printf(out, " {%.*s}", (int)node->content.length,
			                       (const char *)node->content.bytes);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static ParseStructure *read_it(ParseRange input, ParseHead **ret_head)
{
	const ParseLimits limits = { 262144, 59000, 1000, PARSE_DEPTH_MAX, 1000, 1 << 20 };

	*ret_head = parse_limits_head(input, &limits);
	return parse_structure_read(input, *ret_head, &limits);
}

typedef struct {
	const char *name;
	const char *message;
	const char *outline;
	uint64_t outside;
} TreeCase;

#define MIXED "Content-Type: multipart/mixed; boundary=B\n\n"
#define TWO "--B\nContent-Type: text/plain\n\nx\n--B\nContent-Type: a/b\n\ny\n--B--\n"
#define TWO_PARTS "multipart/mixed\n1 text/plain {x}\n2 a/b {y}\n"
/* the same, with a boundary of its own */
#define PARTS(b) "--" b "\nContent-Type: text/plain\n\nx\n--" b "\nContent-Type: a/b\n\ny\n--" b "--\n"
#define BOUNDARY(b) "Content-Type: multipart/mixed; " b "\n\n"

static const TreeCase tree_cases[] = {
	{ "plain", "A: b\n\nx\n", "1 text/plain {x\n}\n", 0 },
	{ "mixed", MIXED TWO, TWO_PARTS, 0 },
	{ "crlf",
	  "Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nx\r\n\r\n--B\r\nContent-Type: "
	  "a/b\r\n\r\ny\r\n--B--\r\n",
	  "multipart/mixed\n1 text/plain {x\r\n}\n2 a/b {y}\n", 0 },
	{ "bare cr",
	  "Content-Type: multipart/mixed; boundary=B\r\r--B\r\rx\r--B\rContent-Type: a/b\r\ry\r--B--\r",
	  "multipart/mixed\n1 text/plain {x}\n2 a/b {y}\n", 0 },
	{ "preamble and epilogue", MIXED "before\n" TWO "after\n", TWO_PARTS, 12 },
	{ "boilerplate is no text", MIXED "This is a multi-part message in MIME format.\n" TWO, TWO_PARTS,
	  0 },
	{ "parts after the close", MIXED "--B\n\nx\n--B--\nepi\n--B\nContent-Type: a/b\n\ny\n--B--\n",
	  TWO_PARTS, 3 },
	{ "no close", MIXED "--B\n\nx\n--B\nContent-Type: a/b\n\ny", TWO_PARTS, 0 },
	{ "blanks behind the border", MIXED "--B \t\n\nx\n--B  \nContent-Type: a/b\n\ny\n--B-- \n", TWO_PARTS,
	  0 },
	{ "nested",
	  MIXED "--B\nContent-Type: multipart/alternative; boundary=C\n\n--C\n\np\n--C\nContent-Type: "
	        "text/html\n\nh\n--C--\n"
	        "--B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 multipart/alternative\n1.1 text/plain {p}\n1.2 text/html {h}\n2 a/b {y}\n", 0 },
	{ "an outer border ends an inner part",
	  MIXED
	  "--B\nContent-Type: multipart/mixed; boundary=C\n\n--C\n\np\n--B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 multipart/mixed\n1.1 text/plain {p}\n2 a/b {y}\n", 0 },
	{ "the inner boundary is longer",
	  MIXED "--B\nContent-Type: multipart/mixed; boundary=BC\n\n--BC\n\np\n--BC\nContent-Type: "
	        "a/b\n\ny\n--BC--\n--B--\n",
	  "multipart/mixed\n1 multipart/mixed\n1.1 text/plain {p}\n1.2 a/b {y}\n", 0 },
	{ "the outer boundary is longer",
	  "Content-Type: multipart/mixed; boundary=BC\n\n--BC\nContent-Type: multipart/mixed; "
	  "boundary=B\n\n--B\n\np\n--B\n"
	  "Content-Type: a/b\n\ny\n--B--\n--BC--\n",
	  "multipart/mixed\n1 multipart/mixed\n1.1 text/plain {p}\n1.2 a/b {y}\n", 0 },
	{ "attached mail", MIXED "--B\nContent-Type: message/rfc822\n\nContent-Type: text/html\n\nh\n--B--\n",
	  "multipart/mixed\n1 message/rfc822\n1.1 text/html {h}\n", 0 },
	{ "attached mail with parts",
	  MIXED "--B\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; "
	        "boundary=C\n\n--C\n\nx\n--C--\n--B--\n",
	  "multipart/mixed\n1 message/rfc822\n1 multipart/mixed\n1.1 text/plain {x}\n", 0 },
	/* boundaries that readers read in different ways */
	{ "quoted", BOUNDARY("boundary=\"a b\"") PARTS("a b"), TWO_PARTS, 0 },
	{ "trailing blank", BOUNDARY("boundary=\"B \"") PARTS("B"), TWO_PARTS, 0 },
	{ "escaped", BOUNDARY("boundary=\"\\B\"") PARTS("B"), TWO_PARTS, 0 },
	{ "escaped, kept", BOUNDARY("boundary=\"\\B\"") PARTS("\\B"), TWO_PARTS, 0 },
	{ "unclosed quote", BOUNDARY("boundary=\"B") PARTS("B"), TWO_PARTS, 0 },
	{ "single quotes", BOUNDARY("boundary='B'") PARTS("B"), TWO_PARTS, 0 },
	{ "cut at a blank", BOUNDARY("boundary=B C") PARTS("B"), TWO_PARTS, 0 },
	{ "not cut at a blank", BOUNDARY("boundary=B C") PARTS("B C"), TWO_PARTS, 0 },
	{ "comment", BOUNDARY("boundary=B (C)") PARTS("B"), TWO_PARTS, 0 },
	{ "in a comment", BOUNDARY("(boundary=B)") PARTS("B"), TWO_PARTS, 0 },
	{ "first of two", BOUNDARY("boundary=B; boundary=C") PARTS("B"), TWO_PARTS, 0 },
	{ "second of two", BOUNDARY("boundary=C; boundary=B") PARTS("B"), TWO_PARTS, 0 },
	{ "continuations", BOUNDARY("boundary*1=C; boundary*0=B") PARTS("BC"), TWO_PARTS, 0 },
	{ "percent", BOUNDARY("boundary*=us-ascii''%42") PARTS("B"), TWO_PARTS, 0 },
	{ "encoded word", BOUNDARY("boundary=\"=?us-ascii?q?=42?=\"") PARTS("B"), TWO_PARTS, 0 },
	{ "two fields", "Content-Type: text/plain\n" BOUNDARY("boundary=B") PARTS("B"), TWO_PARTS, 0 },
	/* nobody names it */
	{ "no parameter", "Content-Type: multipart/mixed\n\n" TWO, TWO_PARTS, 0 },
	{ "another parameter", BOUNDARY("bound=B") TWO, TWO_PARTS, 0 },
	{ "another boundary", BOUNDARY("boundary=C") TWO, TWO_PARTS, 0 },
	{ "no type at all", "A: b\n\n" TWO "bye\n",
	  "text/plain\n1 text/plain {x}\n2 a/b {y}\n3 text/plain {bye\n}\n", 0 },
	{ "text around is text", "Content-Type: text/plain; boundary=C\n\nhello\n" TWO,
	  "text/plain\n1 text/plain {hello}\n2 text/plain {x}\n3 a/b {y}\n", 0 },
	{ "words about parts", "A: b\n\nhello\n--B\nContent-Type: a/b\n\ny\n",
	  "1 text/plain {hello\n--B\nContent-Type: a/b\n\ny\n}\n", 0 },
	{ "a slip in the type", "Content-Type: ultipart/mixed; boundary=B\n\n" TWO,
	  "ultipart/mixed\n1 text/plain {x}\n2 a/b {y}\n", 0 },
	{ "no slash", "Content-Type: multipart; boundary=B\n\n" TWO, TWO_PARTS, 0 },
	{ "list of types", "Content-Type: text/plain, multipart/mixed; boundary=B\n\n" TWO, TWO_PARTS, 0 },
	{ "delimiter in the header", "A: b\nContent-Type: ultipart/mixed\n" TWO,
	  "ultipart/mixed\n1 text/plain {x}\n2 a/b {y}\n", 0 },
	{ "a part without a border", MIXED "Content-Type: a/b\n\ny\n", "multipart/mixed\n1 a/b {y\n}\n", 0 },
	{ "a part in the preamble", MIXED "Content-Type: a/b\n\ny\n--B\n\nx\n--B--\n",
	  "multipart/mixed\n1 a/b {y}\n2 text/plain {x}\n", 0 },
	{ "a part in the epilogue", MIXED "--B\n\nx\n--B--\n--C\nContent-Type: a/b\n\ny\n--C--\n", TWO_PARTS,
	  0 },
	/* borders inside of texts that a careless reader knows */
	{ "a border that no reader can know", MIXED "--B\n\nx\n--C\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain {x\n--C\nContent-Type: a/b\n\ny}\n", 0 },
	{ "one that some may, as there are two types",
	  MIXED
	  "--B\nContent-Type: text/plain\nContent-Type: text/html\n\nx\n--C\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "or two boundaries",
	  "Content-Type: multipart/mixed; boundary=B; boundary=D\n\n"
	  "--B\n\nx\n--C\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "prefix", MIXED "--B\n\nx\n--BX\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "case",
	  "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--B\nContent-Type: a/b\n\ny\n--b--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "leading blank", MIXED "--B\n\nx\n --B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "one dash", MIXED "--B\n\nx\n-B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "inside a line", MIXED "--B\n\nx--B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "junk behind it", MIXED "--B\n\nx\n--B junk\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain\n1.1 text/plain {x}\n1.2 a/b {y}\n", 0 },
	{ "a line of dashes is none", MIXED "--B\n\nx\n-- \nthe sender\n--B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/plain {x\n-- \nthe sender}\n2 a/b {y}\n", 0 },
	{ "a file is not taken apart",
	  MIXED "--B\n\nx\n--B\nContent-Type: text/plain; name=a.eml\n\n--C\nContent-Type: a/b\n\n--B--\n",
	  "multipart/mixed\n1 text/plain {x}\n2 text/plain {--C\nContent-Type: a/b\n}\n", 0 },
	/* headers of parts */
	{ "no header", MIXED "--B\nx\n--B--\n", "multipart/mixed\n1 text/plain {x}\n", 0 },
	{ "no empty line", MIXED "--B\nContent-Type: text/html\n<p>\n--B--\n",
	  "multipart/mixed\n1 text/html {<p>}\n", 0 },
	{ "junk line", MIXED "--B\njunk\nContent-Type: a/b\n\ny\n--B--\n", "multipart/mixed\n1 a/b {y}\n",
	  0 },
	{ "empty line in front", MIXED "--B\n\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 a/b {y}\n", 0 },
	{ "border in the header", MIXED "--B\nContent-Type: text/html\n--B\nContent-Type: a/b\n\ny\n--B--\n",
	  "multipart/mixed\n1 text/html {}\n2 a/b {y}\n", 0 },
	/* encoded as a whole */
	{ "base64 around",
	  "Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: "
	  "base64\n\nLS1CCgp4Ci0tQi0tCg==\n",
	  "multipart/mixed\n1 text/plain {x}\n", 0 },
	{ "quoted-printable around",
	  "Content-Type: multipart/mixed; boundary=B\nContent-Transfer-Encoding: "
	  "quoted-printable\n\n=2D-B\n\nx\n--=42--\n",
	  "multipart/mixed\n1 text/plain {x}\n", 0 },
	{ "base64 said, not done", "Content-Transfer-Encoding: base64\n" MIXED TWO, TWO_PARTS, 0 },
};

static void test_tree(gconstpointer data)
{
	const TreeCase *c = data;
	const ParseRange input = { (const uint8_t *)c->message, strlen(c->message) };
	g_autoptr(ParseHead) head = NULL;
	g_autoptr(ParseStructure) structure = read_it(input, &head);
	g_autofree char *said = outline(structure);

	g_assert_cmpstr(said, ==, c->outline);
	g_assert_cmpuint(structure->outside_bytes, ==, c->outside);
	g_assert_cmpuint(structure->limits, ==, 0);
}

/* Every prefix of every case is a tree whose paths are sound and whose contents lie inside the input. */
static void test_prefixes(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(tree_cases); i++) {
		for (size_t n = 1; n <= strlen(tree_cases[i].message); n++) {
			g_autofree uint8_t *copy = g_memdup2(tree_cases[i].message, n);
			g_autoptr(ParseHead) head = NULL;
			g_autoptr(ParseStructure) structure = read_it((ParseRange) { copy, n }, &head);
			g_autofree char *said = outline(structure);
			g_assert_cmpuint(structure->nodes->len, >, 0);
		}
	}
}

/* A file of base64 has no dash in it: finding its end must cost next to nothing. */
static void test_fast(void)
{
	g_autoptr(GString) message =
	        g_string_new(MIXED "--B\n\nx\n--B\nContent-Type: a/b\nContent-Transfer-Encoding: base64\n\n");

	for (int i = 0; i < 200000; i++)
		g_string_append(
		        message,
		        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\n");
	g_string_append(message, "--B--\n");
	const ParseRange input = { (const uint8_t *)message->str, message->len };
	gint64 start = g_get_monotonic_time();
	g_autoptr(ParseHead) head = NULL;
	g_autoptr(ParseStructure) structure = read_it(input, &head);
	g_assert_cmpuint(structure->nodes->len, ==, 3);
	/* 16 MB at a memory's speed, with much room for a busy machine */
	g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC / 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(parse_hash_warm_up(NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(tree_cases); i++) {
		g_autofree char *path = g_strdup_printf("/structure/%s", tree_cases[i].name);
		g_test_add_data_func(path, &tree_cases[i], test_tree);
	}
	g_test_add_func("/structure/prefixes", test_prefixes);
	g_test_add_func("/structure/fast", test_fast);
	return g_test_run();
}
