/* policy files: rules in order, every word of them said, nothing guessed. */
#include "conf.h"

#include <glib/gstdio.h>
#include <string.h>

#define RULE "rules:\n- {name: r, message: deliver, parts: remove}\n"

static char *errors_of(const char *text, size_t bytes)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Policy) policy = policy_parse("p", text, bytes, errors);
	g_assert_true((policy == NULL) == (errors->len > 0));
	if (policy != NULL)
		return NULL;
	g_ptr_array_add(errors, NULL);
	return g_strjoinv("\n", (char **)errors->pdata);
}

#define REACH(line)                                                                                          \
	"can never be reached: the rule on line " #line " has no conditions, so it matches everything"

#define SAME(line) "can never be reached: the rule on line " #line " has the same or wider conditions"
#define LAST(what) "the last rule must be for everything: no rule without when says " what
#define ALL "- {name: all, message: deliver, parts: remove}\n"
#define ADDRESS                                                                                              \
	"is not an address (user@example.jp), a domain (example.jp), all below one (*.example.jp) or the "   \
	"null "                                                                                              \
	"sender (<>); a Japanese domain is written in its xn-- form"
#define NOT_CONVERTED                                                                                        \
	"names nothing that is converted: that is what was scanned clean, and with not-scanned: allow what " \
	"was not scanned"
#define TYPE "is not a type such as application/pdf or image/*"

static const struct {
	const char *name;
	const char *text;
	const char *errors;
} refusals[] = {
	{ "empty", "", "p:1: the file is empty or holds only comments" },
	{ "nothing but a name", "name: a\n", "p:1: rules: required, but missing" },
	{ "no name", RULE, "p:1: name: required, but missing" },
	{ "no rule", "name: a\nrules: []\n", "p:2: rules: no rule, so that nothing would be decided" },
	{ "rules empty", "name: a\nrules:\n", "p:2: rules: expected a list of rules, found a single value" },
	{ "rules a mapping", "name: a\nrules: {name: r}\n",
	  "p:2: rules: expected a list of rules, found a mapping" },
	{ "rule a word", "name: a\nrules: [deliver]\n",
	  "p:2: rules[1]: expected a mapping, found a single value" },
	{ "rule without anything", "name: a\nrules: [{}]\n",
	  "p:2: rules[1].name: required, but missing\n"
	  "p:2: rules[1]: decides nothing: message, parts or both are missing\n"
	  "p:2: rules[1]: " LAST("message and parts") },
	{ "action misspelt", "name: a\nrules:\n- name: r\n  message: delivr\n  parts: Remove\n",
	  "p:4: rules[1].message: \"delivr\" is not one of: deliver, notice-only, hold, reject\n"
	  "p:5: rules[1].parts: \"Remove\" is not one of: remove, text, image-pdf, image-pdf+text" },
	{ "parts that are none",
	  "name: a\nrules:\n- {name: r, message: hold, parts: [remove]}\n"
	  "- {name: s, parts: }\n- {name: t, parts: {}}\n- {name: u, parts: {dpi: 100}}\n",
	  "p:3: rules[1].parts: expected a single value, found a list\n"
	  "p:4: rules[2].parts: has no value\n"
	  "p:4: rules[2]: " REACH(3) "\n"
	                             "p:5: rules[3].parts.action: required, but missing\n"
	                             "p:5: rules[3]: " REACH(
	                                     3) "\n"
	                                        "p:6: rules[4].parts.action: required, but missing\n"
	                                        "p:6: rules[4]: " REACH(3) },
	{ "ways to convert that are none",
	  "name: a\nrules:\n- name: r\n  message: deliver\n  parts:\n    action: image-pdf\n    dpi: 49\n    "
	  "pages: 0\n"
	  "    colour: grey\n    searchable: true\n    not-scanned: yes\n    over-limit: mark\n    "
	  "failed-page: cut\n"
	  "    on-failure: pass\n    page: 3\n",
	  "p:7: rules[1].parts.dpi: 49 is below the minimum 50\n"
	  "p:8: rules[1].parts.pages: 0 is below the minimum 1\n"
	  "p:9: rules[1].parts.colour: \"grey\" is not one of: colour, gray\n"
	  "p:10: rules[1].parts.searchable: \"true\" is not one of: yes, no\n"
	  "p:11: rules[1].parts.not-scanned: \"yes\" is not one of: allow, remove\n"
	  "p:12: rules[1].parts.over-limit: \"mark\" is not one of: cut, remove\n"
	  "p:13: rules[1].parts.failed-page: \"cut\" is not one of: mark, remove\n"
	  "p:14: rules[1].parts.on-failure: \"pass\" is not one of: remove\n"
	  "p:15: rules[1].parts.page: unknown key, \"pages\" may be meant" },
	{ "more than can be drawn",
	  "name: a\nrules:\n- {name: r, message: hold, parts: {action: image-pdf, dpi: 301, pages: 501}}\n",
	  "p:3: rules[1].parts.dpi: 301 is above the maximum 300\n"
	  "p:3: rules[1].parts.pages: 501 is above the maximum 500" },
	{ "twice",
	  "name: a\nrules:\n- {name: r, message: hold, parts: {action: image-pdf, dpi: 100, dpi: 100}}\n",
	  "p:3: rules.parts: duplicate key \"dpi\", first on line 3" },
	{ "ways that mean nothing",
	  "name: a\nrules:\n"
	  "- {name: r, parts: {action: text, dpi: 100, pages: 5, over-limit: cut}, when: {sender: "
	  "a.example}}\n"
	  "- {name: s, parts: {action: remove, not-scanned: allow, searchable: yes}, when: {sender: "
	  "b.example}}\n"
	  "- {name: t, parts: {action: txt, dpi: 100}, when: {sender: c.example}}\n" ALL,
	  "p:3: rules[1].parts.dpi: means nothing for the action text\n"
	  "p:4: rules[2].parts.searchable: means nothing for the action remove\n"
	  "p:4: rules[2].parts.not-scanned: means nothing for the action remove\n"
	  "p:5: rules[3].parts.action: \"txt\" is not one of: remove, text, image-pdf, image-pdf+text" },
	{ "verdicts that are none",
	  "name: a\nrules:\n- {name: r, message: hold, when: {part: {scan: [clean, virus]}}}\n"
	  "- {name: s, message: hold, when: {part: {scan: []}}}\n"
	  "- {name: t, message: hold, when: {scan: clean}}\n" ALL,
	  "p:3: rules[1].when.part.scan: \"virus\" is not one of: not-scanned, clean, infected, suspicious, "
	  "unscannable\n"
	  "p:4: rules[2].when.part.scan: an empty list would match nothing\n"
	  "p:5: rules[3].when.scan: unknown key" },
	{ "conversion of what is never converted",
	  "name: a\nrules:\n- {name: r, parts: image-pdf, when: {part: {scan: [infected, not-scanned]}}}\n"
	  "- {name: s, parts: {action: text, not-scanned: allow}, when: {part: {scan: unscannable}}}\n"
	  "- {name: t, parts: {action: text, not-scanned: allow}, when: {sender: a.example, part: {scan: "
	  "[not-scanned, clean]}}}\n"
	  "- {name: u, parts: remove, when: {part: {scan: suspicious}}}\n" ALL,
	  "p:3: rules[1].when.part.scan: " NOT_CONVERTED "\n"
	  "p:4: rules[2].when.part.scan: " NOT_CONVERTED },
	{ "wider verdicts before",
	  "name: a\nrules:\n- {name: r, message: hold, when: {part: {scan: [infected, suspicious]}}}\n"
	  "- {name: s, message: hold, when: {part: {scan: infected, name: x}}}\n"
	  "- {name: t, message: hold, when: {part: {scan: [infected, clean]}}}\n"
	  "- {name: u, parts: remove, when: {part: {scan: [not-scanned, clean, infected, suspicious, "
	  "unscannable]}}}\n"
	  "- {name: v, parts: remove, when: {part: {name: x}}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) "\np:7: rules[5]: " SAME(6) "\np:8: rules[6].parts: " SAME(6) },
	{ "inline is yes or no",
	  "name: a\nrules:\n- {name: r, message: hold, when: {part: {inline: maybe}}}\n" ALL,
	  "p:3: rules[1].when.part.inline: \"maybe\" is not one of: yes, no" },
	{ "inline before narrower",
	  "name: a\nrules:\n- {name: r, parts: remove, when: {part: {inline: yes}}}\n"
	  "- {name: s, parts: remove, when: {part: {inline: yes, name: x}}}\n"
	  "- {name: t, parts: remove, when: {part: {inline: no, name: x}}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) },
	{ "Hold for hold", "name: a\nrules: [{name: r, message: Hold, parts: remove}]\n",
	  "p:2: rules[1].message: \"Hold\" is not one of: deliver, notice-only, hold, reject" },
	{ "action empty", "name: a\nrules:\n- name: r\n  message:\n  parts: remove\n",
	  "p:4: rules[1].message: has no value" },
	{ "action by number", "name: a\nrules: [{name: r, message: 7, parts: remove}]\n",
	  "p:2: rules[1].message: \"7\" is not one of: deliver, notice-only, hold, reject" },
	{ "when is no mapping", "name: a\nrules:\n- {name: r, message: hold, when: x}\n" ALL,
	  "p:3: rules[1].when: expected a mapping, found a single value" },
	{ "when is empty", "name: a\nrules:\n- {name: r, message: hold, when: {}}\n" ALL,
	  "p:3: rules[1].when: holds no condition: leave it out if the rule is for everything" },
	{ "unknown condition", "name: a\nrules:\n- {name: r, message: hold, when: {sendr: a.example}}\n" ALL,
	  "p:3: rules[1].when.sendr: unknown key, \"sender\" may be meant" },
	{ "an error before hides no other",
	  "name: a\nrules:\n- {name: q, message: delivr, when: {sender: a.example}}\n"
	  "- {name: r, message: hold, when: {}}\n" ALL,
	  "p:3: rules[1].message: \"delivr\" is not one of: deliver, notice-only, hold, reject\n"
	  "p:4: rules[2].when: holds no condition: leave it out if the rule is for everything" },
	{ "conditions with errors leave something for the rules behind",
	  "name: a\nrules:\n- {name: r, message: hold, parts: remove, when: {header: []}}\n"
	  "- {name: s, message: hold, when: {sender: [], size: {over: 1MB}}}\n"
	  "- {name: t, message: hold, when: {size: {over: 2MB}}}\n" ALL,
	  "p:3: rules[1].when.header: an empty list says nothing\n"
	  "p:4: rules[2].when.sender: an empty list would match nothing" },
	{ "a domain without a dot",
	  "name: a\nrules:\n- {name: r, message: hold, when: {sender: [foo, localhost, x@foo, "
	  "'*.jp']}}\n" ALL,
	  "p:3: rules[1].when.sender: \"foo\" is a domain without a dot: an address is written user@host" },
	{ "a message of no bytes",
	  "name: a\nrules:\n- {name: r, message: hold, when: {size: {under: 1B}}}\n"
	  "- {name: s, parts: remove, when: {part: {size: {under: 1B}}}}\n"
	  "- {name: t, message: hold, when: {size: {over: 60MB}}}\n" ALL,
	  "p:3: rules[1].when.size: no message is that small" },
	{ "wider patterns before",
	  "name: a\nrules:\n"
	  "- {name: a, parts: remove, when: {part: {name: '*.exe'}}}\n"
	  "- {name: b, parts: remove, when: {part: {name: '?.exe'}}}\n"
	  "- {name: c, parts: remove, when: {part: {name: 'setup*.exe'}}}\n"
	  "- {name: d, parts: remove, when: {part: {name: '*.exe*'}}}\n"
	  "- {name: e, message: hold, when: {header: {name: A, value: 'y*'}}}\n"
	  "- {name: f, message: hold, when: {header: {name: A, value: 'yes*'}}}\n"
	  "- {name: g, message: hold, when: {header: {name: A, value: '*yes'}}}\n"
	  "- {name: h, message: hold, when: {header: {name: B, value: '?*'}}}\n"
	  "- {name: i, message: hold, when: {header: {name: B, value: '*?'}}}\n"
	  "- {name: j, message: hold, when: {header: {name: B, value: '*'}}}\n"
	  "- {name: k, message: hold, when: {header: {name: B, value: '**x'}}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) "\np:5: rules[3]: " SAME(3) "\np:8: rules[6]: " SAME(
	          7) "\np:11: rules[9]: " SAME(10) "\np:13: rules[11]: " SAME(12) },
	{ "everything before",
	  "name: a\nrules:\n- {name: a, parts: remove, when: {part: {name: '**'}}}\n"
	  "- {name: b, parts: remove, when: {part: {name: '*.exe'}}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) },
	{ "unknown condition of a part",
	  "name: a\nrules:\n- {name: r, parts: remove, when: {part: {nam: x, size: {over: 1MB}}}}\n" ALL,
	  "p:3: rules[1].when.part.nam: unknown key, \"name\" may be meant" },
	{ "addresses that are none",
	  "name: a\nrules:\n- name: r\n  message: hold\n  when:\n    sender: ['@a.example', 'a b', '*', "
	  "'*@a.example',\n"
	  "      '役所.example', 'a..b', '', good.example]\n" ALL,
	  "p:6: rules[1].when.sender: \"@a.example\" " ADDRESS "\n"
	  "p:6: rules[1].when.sender: \"a b\" " ADDRESS "\n"
	  "p:6: rules[1].when.sender: \"*\" " ADDRESS "\n"
	  "p:6: rules[1].when.sender: \"*@a.example\" " ADDRESS "\n"
	  "p:7: rules[1].when.sender: \"役所.example\" " ADDRESS "\n"
	  "p:7: rules[1].when.sender: \"a..b\" " ADDRESS "\n"
	  "p:7: rules[1].when.sender: expected a pattern, found nothing" },
	{ "types that are none",
	  "name: a\nrules:\n- name: r\n  parts: remove\n  when:\n    part:\n"
	  "      declared-type: [pdf, unknown, image/*, '*/*']\n      true-type: [unknown, 'a/b/c']\n" ALL,
	  "p:7: rules[1].when.part.declared-type: \"pdf\" " TYPE "\n"
	  "p:7: rules[1].when.part.declared-type: \"unknown\" " TYPE "\n"
	  "p:7: rules[1].when.part.declared-type: \"*/*\" " TYPE "\n"
	  "p:8: rules[1].when.part.true-type: \"a/b/c\" " TYPE },
	{ "sizes that are none",
	  "name: a\nrules:\n- name: r\n  message: hold\n  when:\n    size: {over: 10, under: 1XB}\n    part: "
	  "{size: {}}\n"
	  "- {name: s, message: hold, when: {size: {over: 10MB, under: 9MB}}}\n"
	  "- {name: t, message: hold, when: {size: 10MB}}\n" ALL,
	  "p:6: rules[1].when.size.over: \"10\" has no unit: expected a whole number with its unit: B, KB, "
	  "MB or GB, "
	  "such as 50MB\n"
	  "p:6: rules[1].when.size.under: \"1XB\" is not a whole number with its unit: B, KB, MB or GB, such "
	  "as 50MB\n"
	  "p:7: rules[1].when.part.size: needs over, under or both, such as {over: 10MB}\n"
	  "p:8: rules[2].when.size: no size is both over the one and under the other\n"
	  "p:9: rules[3].when.size: expected a mapping, found a single value" },
	{ "header without a value, and one with an odd name",
	  "name: a\nrules:\n- {name: r, message: hold, when: {header: {name: X-A}}}\n"
	  "- {name: s, message: hold, when: {header: [{name: 'X:B', value: x}, {name: X-C, value: "
	  "[]}]}}\n" ALL,
	  "p:3: rules[1].when.header.value: required, but missing\n"
	  "p:4: rules[2].when.header.name: \"X:B\": must be of A-Z a-z 0-9 . _ - only\n"
	  "p:4: rules[2].when.header.value: an empty list would match nothing" },
	{ "results that are none",
	  "name: a\nrules:\n"
	  "- {name: r, message: hold, when: {authentication: {dmarc: [fail, softfail, Fail], dkim: "
	  "softfail}}}\n"
	  "- {name: s, message: hold, when: {authentication: {spf: [], dkim: {a: b}, dmarc: [[fail]]}}}\n"
	  "- {name: t, message: hold, when: {authentication: {arc: pass}}}\n"
	  "- {name: u, message: hold, when: {authentication: fail}}\n"
	  "- {name: v, message: hold, when: {authentication: {}}}\n" ALL,
	  "p:3: rules[1].when.authentication.dkim: \"softfail\" is not one of: unknown, none, pass, fail, "
	  "neutral, "
	  "policy, temperror, permerror\n"
	  "p:3: rules[1].when.authentication.dmarc: \"softfail\" is not one of: unknown, none, pass, fail, "
	  "temperror, "
	  "permerror\n"
	  "p:3: rules[1].when.authentication.dmarc: \"Fail\" is not one of: unknown, none, pass, fail, "
	  "temperror, "
	  "permerror\n"
	  "p:4: rules[2].when.authentication.spf: an empty list would match nothing\n"
	  "p:4: rules[2].when.authentication.dkim: expected a result, found a mapping\n"
	  "p:4: rules[2].when.authentication.dmarc: expected a result, found a list\n"
	  "p:5: rules[3].when.authentication.arc: unknown key, \"dmarc\" may be meant\n"
	  "p:6: rules[4].when.authentication: expected a mapping, found a single value\n"
	  "p:7: rules[5].when: holds no condition: leave it out if the rule is for everything" },
	{ "signs that are none",
	  "name: a\nrules:\n- {name: r, message: hold, when: {signs: [reply-elsewhere, odd]}}\n"
	  "- {name: s, message: hold, when: {signs: [[shown-address], '']}}\n"
	  "- {name: t, message: hold, when: {signs: []}}\n" ALL,
	  "p:3: rules[1].when.signs: \"odd\" is not one of: shown-address, look-alike-domain, several-from, "
	  "reply-elsewhere, reply-to-list, sender-elsewhere, disguised-name\n"
	  "p:4: rules[2].when.signs: expected a sign, found a list\n"
	  "p:4: rules[2].when.signs: expected a sign, found nothing\n"
	  "p:5: rules[3].when.signs: an empty list would match nothing" },
	{ "wider signs before",
	  "name: a\nrules:\n- {name: r, message: hold, when: {signs: [reply-elsewhere, shown-address]}}\n"
	  "- {name: s, message: hold, when: {signs: shown-address}}\n"
	  "- {name: t, message: hold, when: {signs: [shown-address, several-from]}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) },
	/* Whoever gets the check out of the way must not get more through. */
	{ "a missing check opens",
	  "name: a\nrules:\n"
	  "- {name: r, message: deliver, when: {sender: a.example, authentication: {dmarc: [pass, "
	  "unknown]}}}\n"
	  "- {name: s, message: hold, when: {authentication: {dmarc: [fail, unknown]}}}\n"
	  "- {name: t, parts: remove, when: {authentication: {spf: unknown}}}\n" ALL,
	  "p:3: rules[1].when.authentication: unknown is not for a rule that delivers: a missing check must "
	  "not open "
	  "anything" },
	{ "wider results before",
	  "name: a\nrules:\n"
	  "- {name: a, message: hold, when: {authentication: {dmarc: [fail, none]}}}\n"
	  "- {name: b, message: hold, when: {authentication: {dmarc: fail}}}\n"
	  "- {name: c, message: hold, when: {sender: a.example, authentication: {dmarc: none, spf: fail}}}\n"
	  "- {name: d, message: hold, when: {authentication: {dmarc: [fail, temperror]}}}\n"
	  "- {name: e, message: hold, when: {authentication: {spf: fail}}}\n"
	  "- {name: f, message: hold, when: {sender: a.example}}\n"
	  "- {name: g, message: hold, when: {authentication: {dmarc: [unknown, none, pass, fail, temperror, "
	  "permerror]}}}\n"
	  "- {name: h, message: hold, when: {authentication: {dkim: pass}}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) "\np:5: rules[3]: " SAME(3) "\np:10: rules[8]: " SAME(
	          9) "\np:11: rules[9].message: " SAME(9) },
	{ "the same literal conditions again",
	  "name: a\nrules:\n- {name: r, message: hold, when: {sender: A@b.example}}\n"
	  "- {name: s, message: reject, when: {sender: a@B.example}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) },
	{ "wider conditions before",
	  "name: a\nrules:\n- {name: r, message: hold, when: {sender: [b.example, '*.c.example', "
	  "x@y.example]}}\n"
	  "- {name: s, message: hold, when: {sender: [u@b.example, d.c.example, '*.e.c.example']}}\n"
	  "- {name: t, message: hold, when: {sender: x@y.example, size: {over: 1MB}}}\n"
	  "- {name: u, message: hold, when: {sender: [u@b.example, c.example]}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) "\np:5: rules[3]: " SAME(3) },
	{ "wider sizes, types, names and headers before",
	  "name: a\nrules:\n"
	  "- {name: a, parts: remove, when: {part: {size: {over: 1MB}}}}\n"
	  "- {name: b, parts: remove, when: {part: {size: {over: 2MB, under: 4MB}, name: x}}}\n"
	  "- {name: c, parts: remove, when: {part: {declared-type: 'image/*'}}}\n"
	  "- {name: d, parts: remove, when: {part: {declared-type: [image/PNG, 'image/*']}}}\n"
	  "- {name: e, parts: remove, when: {part: {name: '*.exe'}}}\n"
	  "- {name: f, parts: remove, when: {part: {name: A.EXE}}}\n"
	  "- {name: g, message: hold, when: {header: {name: X-A, value: 'yes*'}}}\n"
	  "- {name: h, message: hold, when: {header: [{name: x-a, value: YES}, {name: X-B, value: "
	  "q}]}}\n" ALL,
	  "p:4: rules[2]: " SAME(3) "\np:6: rules[4]: " SAME(5) "\np:8: rules[6]: " SAME(
	          7) "\np:10: rules[8]: " SAME(9) },
	{ "one half of a rule is left nothing",
	  "name: a\nrules:\n- {name: r, message: hold, when: {sender: a.example}}\n"
	  "- {name: s, message: reject, parts: remove, when: {sender: x@a.example}}\n" ALL,
	  "p:4: rules[2].message: " SAME(3) },
	{ "the last rule has conditions",
	  "name: a\nrules:\n- {name: r, message: hold, parts: remove, when: {sender: a.example}}\n",
	  "p:3: rules[1]: " LAST("message and parts") },
	{ "the last rule decides one thing only", "name: a\nrules:\n- {name: r, message: deliver}\n",
	  "p:3: rules[1]: " LAST("parts") },
	{ "one half is left open",
	  "name: a\nrules:\n- {name: r, parts: remove}\n- {name: s, message: hold, when: {sender: "
	  "a.example}}\n",
	  "p:4: rules[2]: " LAST("message") },
	{ "behind both halves",
	  "name: a\nrules:\n- {name: r, parts: remove}\n- {name: s, message: deliver}\n"
	  "- {name: t, parts: remove, message: hold, when: {sender: a.example}}\n",
	  "p:5: rules[3]: " REACH(4) },
	{ "too many header fields",
	  "name: a\nrules:\n- name: r\n  message: hold\n  when:\n    header: [{name: A, value: x}, {name: B, "
	  "value: x},\n"
	  "      {name: C, value: x}, {name: D, value: x}, {name: E, value: x}, {name: F, value: x}, {name: "
	  "G, value: x},\n"
	  "      {name: H, value: x}, {name: I, value: x}]\n" ALL,
	  "p:3: rules: conditions on more than 8 different header fields" },
	{ "key misspelt", "name: a\nrules:\n- {name: r, mesage: hold, parts: remove}\n",
	  "p:3: rules[1].mesage: unknown key, \"message\" may be meant\n"
	  "p:3: rules[1]: " LAST("message") },
	{ "unknown key at the top", "name: a\nrule: []\n" RULE,
	  "p:2: rule: unknown key, \"rules\" may be meant" },
	{ "second rule", "name: a\n" RULE "- {name: s, message: reject, parts: remove}\n",
	  "p:4: rules[2]: " REACH(3) },
	{ "third rule, and a name used twice",
	  "name: a\n" RULE "- {name: s, message: hold, parts: remove}\n"
	  "- {name: r, message: hold, parts: remove}\n",
	  "p:4: rules[2]: " REACH(3) "\np:5: rules[3]: duplicate rule name \"r\", first on line 3\n"
	                             "p:5: rules[3]: " REACH(3) },
	{ "duplicate key in a rule",
	  "name: a\nrules:\n- name: r\n  message: reject\n  parts: remove\n"
	  "  message: deliver\n",
	  "p:6: rules: duplicate key \"message\", first on line 4" },
	{ "name of other characters", "name: a b\n" RULE,
	  "p:1: name: \"a b\": must be of A-Z a-z 0-9 . _ - only" },
	{ "name empty", "name: \"\"\n" RULE, "p:1: name: must not be empty" },
	{ "name null", "name: ~\n" RULE,
	  "p:1: name: \"~\" is a word of YAML: put it in quotes if it is a name" },
	{ "name a list", "name: [a]\n" RULE, "p:1: name: expected a single value, found a list" },
	{ "name too long", "name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345\n" RULE,
	  "p:1: name: is longer than 64 bytes" },
	{ "rule by alias", "name: a\nrules:\n- &r {name: r, message: hold, parts: remove}\n- *r\n",
	  "p:3: rules: anchors (&) are not allowed\np:4: rules: aliases (*) are not allowed" },
	{ "second document", "name: a\n" RULE "---\nname: b\n", "p:4: a second document is not allowed" },
};

static void test_refusals(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
		g_test_message("%s", refusals[i].name);
		g_autofree char *errors = errors_of(refusals[i].text, strlen(refusals[i].text));
		g_assert_cmpstr(errors, ==, refusals[i].errors);
	}
}

static void assert_one(const GPtrArray *texts, const char *beginning)
{
	g_assert_cmpuint(texts->len, ==, beginning != NULL ? 1 : 0);
	if (beginning != NULL)
		g_assert_true(g_str_has_prefix(texts->pdata[0], beginning));
}

static const struct {
	const char *word;
	PolicyMessageAction action;
} actions[] = {
	{ "deliver", POLICY_DELIVER },
	{ "notice-only", POLICY_NOTICE_ONLY },
	{ "hold", POLICY_HOLD },
	{ "reject", POLICY_REJECT },
};

static Policy *with_action(const char *word)
{
	g_autofree char *text =
	        g_strdup_printf("name: N.1_x-\nrules:\n- name: only\n  parts: remove\n  message: %s\n", word);
	return policy_parse("p", text, strlen(text), NULL);
}

static void test_actions(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		g_autoptr(Policy) policy = with_action(actions[i].word);
		g_assert_nonnull(policy);
		g_assert_cmpstr(policy_name(policy), ==, "N.1_x-");
		g_assert_cmpuint(policy_rules(policy)->len, ==, 1);
		const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 0);
		g_assert_cmpstr(rule->name, ==, "only");
		g_assert_cmpint(rule->message, ==, actions[i].action);
		g_assert_cmpint(rule->parts, ==, POLICY_PART_REMOVE);
		g_assert_cmpint(rule->line, ==, 3);
	}
}

static const struct {
	const char *parts;
	PolicyPartAction action;
	PolicyConversion conversion;
	bool warned;
} conversions[] = {
	{ "text",
	  POLICY_PART_TEXT,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  false },
	{ "image-pdf",
	  POLICY_PART_IMAGE_PDF,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  false },
	{ "image-pdf+text",
	  POLICY_PART_IMAGE_PDF_TEXT,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  false },
	{ "{action: image-pdf}",
	  POLICY_PART_IMAGE_PDF,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  false },
	{ "{action: image-pdf, dpi: 50, pages: 1, colour: gray, searchable: no, not-scanned: allow, "
	  "over-limit: remove, "
	  "failed-page: remove, on-failure: remove, notes: yes, changes: yes}",
	  POLICY_PART_IMAGE_PDF,
	  { 50, 1, POLICY_GRAY, POLICY_NO, POLICY_YES, POLICY_NO, POLICY_NO, POLICY_FAILURE_REMOVE, POLICY_YES, POLICY_NO, POLICY_YES },
	  true },
	{ "{action: image-pdf+text, dpi: 300, pages: 500, colour: colour, searchable: yes, not-scanned: "
	  "remove, "
	  "over-limit: cut, failed-page: mark}",
	  POLICY_PART_IMAGE_PDF_TEXT,
	  { 300, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  false },
	{ "{action: text, failed-page: remove, notes: no, comments: yes}",
	  POLICY_PART_TEXT,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_NO, POLICY_YES, POLICY_NO, 0, POLICY_NO, POLICY_YES, POLICY_NO },
	  false },
	{ "{action: text, not-scanned: allow}",
	  POLICY_PART_TEXT,
	  { 150, 500, POLICY_COLOUR, POLICY_YES, POLICY_YES, POLICY_YES, POLICY_YES, 0, 0, 0, 0 },
	  true },
};

static void test_conversions(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(conversions); i++) {
		g_test_message("%s", conversions[i].parts);
		g_autofree char *text = g_strdup_printf(
		        "name: a\nrules:\n- {name: q, message: deliver}\n- {name: r, parts: %s}\n",
		        conversions[i].parts);
		g_autoptr(Policy) policy = policy_parse("p", text, strlen(text), NULL);
		g_assert_nonnull(policy);
		const PolicyRule *rule = g_ptr_array_index(policy_rules(policy), 1);
		const PolicyConversion *got = &rule->conversion, *want = &conversions[i].conversion;
		g_assert_cmpint(rule->parts, ==, conversions[i].action);
		g_assert_cmpuint(got->dpi, ==, want->dpi);
		g_assert_cmpuint(got->pages, ==, want->pages);
		g_assert_cmpint(got->colour, ==, want->colour);
		g_assert_cmpint(got->searchable, ==, want->searchable);
		g_assert_cmpint(got->not_scanned, ==, want->not_scanned);
		g_assert_cmpint(got->over_limit, ==, want->over_limit);
		g_assert_cmpint(got->failed_page, ==, want->failed_page);
		g_assert_cmpint(got->notes, ==, want->notes);
		g_assert_cmpint(got->comments, ==, want->comments);
		g_assert_cmpint(got->changes, ==, want->changes);
		g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
		policy_check_conversion(policy, warnings);
		assert_one(warnings, conversions[i].warned
		                             ? "p:4: rules[2].parts.not-scanned: allow converts what no "
		                               "virus scan has found clean / ウイルス検査で"
		                             : NULL);
	}
}

static void test_defang(void)
{
	static const struct {
		const char *line;
		PolicyDefang defang;
		const char *error; /* beginning; NULL = none */
	} cases[] = {
		{ "", POLICY_DEFANG_FLAGGED, NULL },
		{ "defang: never\n", POLICY_DEFANG_NEVER, NULL },
		{ "defang: flagged\n", POLICY_DEFANG_FLAGGED, NULL },
		{ "defang: all\n", POLICY_DEFANG_ALL, NULL },
		{ "defang: some\n", POLICY_DEFANG_NEVER, "p:2: defang: " },
		{ "defang: no\n", POLICY_DEFANG_NEVER, "p:2: defang: " },
		{ "defang:\n", POLICY_DEFANG_NEVER, "p:2: defang: " },
		{ "defang: all\ndefang: all\n", POLICY_DEFANG_NEVER, "p:3: " },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *text = g_strconcat("name: a\n", cases[i].line, RULE, NULL);
		g_autoptr(Policy) policy = policy_parse("p", text, strlen(text), errors);
		g_test_message("%s", cases[i].line);
		g_assert_true((policy == NULL) == (cases[i].error != NULL));
		if (policy != NULL)
			g_assert_cmpint(policy_defang(policy), ==, cases[i].defang);
		else
			g_assert_true(g_str_has_prefix(errors->pdata[0], cases[i].error));
	}
}

static const struct {
	const char *word;
	ConfTopology topology;
	const char *error; /* beginning; NULL = none */
	const char *warning;
} mismatches[] = {
	{ "deliver", CONF_BEHIND_EDGE, NULL, NULL },
	{ "deliver", CONF_ONE_HOP, NULL, NULL },
	{ "notice-only", CONF_BEHIND_EDGE, NULL, NULL },
	{ "notice-only", CONF_ONE_HOP, NULL, "p:3: rules[1].message: notice-only in one-hop" },
	{ "hold", CONF_BEHIND_EDGE, NULL, "p:3: rules[1].message: hold acts as notice-only" },
	{ "hold", CONF_ONE_HOP, "p:3: rules[1].message: hold is impossible in one-hop", NULL },
	{ "reject", CONF_BEHIND_EDGE, NULL, "p:3: rules[1].message: reject behind an edge acts as hold" },
	{ "reject", CONF_ONE_HOP, NULL, NULL },
};

static void test_topology(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(mismatches); i++) {
		g_test_message("%s in %d", mismatches[i].word, mismatches[i].topology);
		g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(Policy) policy = with_action(mismatches[i].word);
		policy_check_topology(policy, mismatches[i].topology, errors, warnings);
		assert_one(errors, mismatches[i].error);
		assert_one(warnings, mismatches[i].warning);
	}
}

static const struct {
	const char *when;
	ConfTopology topology;
	const char *authserv_id;
	const char *error, *warning;
} beliefs[] = {
	{ "{authentication: {dmarc: fail}}", CONF_BEHIND_EDGE, "edge.example", NULL, NULL },
	{ "{authentication: {dmarc: fail}}", CONF_BEHIND_EDGE, "",
	  "p:3: rules[1].when.authentication: nobody's results are believed", NULL },
	{ "{sender: a.example, authentication: {spf: unknown}}", CONF_ONE_HOP, "",
	  "p:3: rules[1].when.authentication: nobody's results are believed", NULL },
	{ "{authentication: {dmarc: fail}}", CONF_ONE_HOP, "edge.example", NULL,
	  "authentication.authserv_id in one-hop: Postfix must remove" },
	{ "{sender: a.example}", CONF_ONE_HOP, "", NULL, NULL },
	{ "{sender: a.example}", CONF_BEHIND_EDGE, "edge.example", NULL, NULL },
};

static void test_authentication(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(beliefs); i++) {
		g_test_message("%s, \"%s\"", beliefs[i].when, beliefs[i].authserv_id);
		g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *text = g_strdup_printf(
		        "name: a\nrules:\n- {name: r, message: reject, when: %s}\n" ALL, beliefs[i].when);
		g_autoptr(Policy) policy = policy_parse("p", text, strlen(text), NULL);
		g_autofree char *authserv_id = g_strdup(beliefs[i].authserv_id);
		const ConfSettings settings = { .topology = beliefs[i].topology, .authserv_id = authserv_id };
		policy_check_authentication(policy, &settings, errors, warnings);
		assert_one(errors, beliefs[i].error);
		assert_one(warnings, beliefs[i].warning);
	}
}

/* The value is what sha256sum says of the same bytes. */
static void test_version(void)
{
	static const char text[] = "name: a\n" RULE;
	g_autoptr(Policy) policy = policy_parse("p", text, sizeof text - 1, NULL);
	g_assert_cmpstr(policy_version(policy), ==, "6af7ef7589f0e356");
	g_autoptr(Policy) other = policy_parse("p", text, sizeof text - 2, NULL);
	g_assert_cmpuint(strlen(policy_version(other)), ==, 16);
	g_assert_cmpstr(policy_version(other), !=, policy_version(policy));
}

static void test_shipped_equals_builtin(void)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Policy) shipped = policy_load(TESTS_DIR "/../conf/policy.yaml", errors);
	for (guint i = 0; i < errors->len; i++)
		g_test_message("%s", (char *)errors->pdata[i]);
	g_assert_nonnull(shipped);
	g_autoptr(Policy) builtin = policy_builtin();
	g_assert_cmpstr(policy_name(shipped), ==, "strictest");
	g_assert_cmpstr(policy_name(builtin), ==, "strictest");
	g_assert_cmpuint(policy_rules(shipped)->len, ==, 1);
	g_assert_cmpuint(policy_rules(builtin)->len, ==, 1);
	g_assert_cmpint(policy_defang(shipped), ==, POLICY_DEFANG_FLAGGED);
	g_assert_cmpint(policy_defang(builtin), ==, POLICY_DEFANG_FLAGGED);
	const PolicyRule *a = g_ptr_array_index(policy_rules(shipped), 0);
	const PolicyRule *b = g_ptr_array_index(policy_rules(builtin), 0);
	g_assert_cmpstr(a->name, ==, b->name);
	g_assert_cmpint(a->message, ==, b->message);
	g_assert_cmpint(a->parts, ==, b->parts);
	g_assert_cmpint(b->message, ==, POLICY_DELIVER);
	g_assert_cmpint(b->parts, ==, POLICY_PART_REMOVE);
	g_assert_cmpuint(strlen(policy_version(builtin)), ==, 16);
}

/* The first rule that converts parts, or else the first. */
static const PolicyRule *converting_rule(const Policy *policy)
{
	const GPtrArray *rules = policy_rules(policy);
	for (guint i = 0; i < rules->len; i++) {
		const PolicyRule *rule = g_ptr_array_index(rules, i);
		if (rule->parts != POLICY_PART_REMOVE)
			return rule;
	}
	return g_ptr_array_index(rules, 0);
}

/* Those beside the strictest convert, but nothing that is not scanned clean. */
static void test_shipped_policies(void)
{
	static const struct {
		const char *file, *name;
		PolicyPartAction action;
		PolicyAnswer searchable;
		guint warnings;
	} policies[] = {
		{ "conf/policy.yaml", "strictest", POLICY_PART_REMOVE, POLICY_YES, 0 },
		{ "conf/policies/images.yaml", "images", POLICY_PART_IMAGE_PDF, POLICY_YES, 0 },
		{ "conf/policies/images-strict.yaml", "images-strict", POLICY_PART_IMAGE_PDF, POLICY_NO, 0 },
		{ "conf/policies/text.yaml", "text", POLICY_PART_TEXT, POLICY_YES, 0 },
		{ "tests/policies/convert-everything.yaml", "convert-everything", POLICY_PART_IMAGE_PDF_TEXT,
		  POLICY_YES, 1 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *path = g_build_filename(TESTS_DIR, "..", policies[i].file, NULL);
		g_autoptr(Policy) policy = policy_load(path, texts);
		for (guint j = 0; j < texts->len; j++)
			g_test_message("%s", (char *)texts->pdata[j]);
		g_assert_nonnull(policy);
		g_assert_cmpstr(policy_name(policy), ==, policies[i].name);
		const PolicyRule *first = converting_rule(policy);
		g_assert_cmpint(policy_converts(policy), ==, policies[i].action != POLICY_PART_REMOVE);
		g_assert_cmpint(first->parts, ==, policies[i].action);
		g_assert_cmpint(first->conversion.searchable, ==, policies[i].searchable);
		policy_check_topology(policy, CONF_BEHIND_EDGE, texts, texts);
		policy_check_topology(policy, CONF_ONE_HOP, texts, texts);
		policy_check_conversion(policy, texts);
		g_assert_cmpuint(texts->len, ==, policies[i].warnings);
	}
}

/* Whoever adds a file must add a row above. */
static void test_shipped_policies_are_known(void)
{
	g_autoptr(GDir) directory = g_dir_open(TESTS_DIR "/../conf/policies", 0, NULL);
	unsigned count = 0;
	g_assert_nonnull(directory);
	while (g_dir_read_name(directory) != NULL)
		count++;
	g_assert_cmpuint(count, ==, 3);
}

static void test_files(void)
{
	g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
	g_assert_null(policy_load("/", errors));
	g_assert_null(policy_load("/nonexistent/policy.yaml", errors));
	g_assert_cmpuint(errors->len, ==, 2);
	g_assert_cmpstr(errors->pdata[0], ==, "/: is a directory");
	g_assert_cmpstr(errors->pdata[1], ==,
	                "/nonexistent/policy.yaml: cannot be opened: No such file or directory");
}

/* Each half ends in a rule for everything: nothing is left undecided. */
static void test_halves(void)
{
	static const char text[] = "name: a\nrules:\n- {name: r, parts: remove}\n"
	                           "- {name: s, message: hold, when: {sender: a.example}}\n"
	                           "- {name: t, message: deliver}\n";
	g_autoptr(Policy) policy = policy_parse("p", text, sizeof text - 1, NULL);
	g_assert_nonnull(policy);
	g_assert_cmpuint(policy_rules(policy)->len, ==, 3);
}

static void test_references(void)
{
	Policy *policy = policy_builtin();
	Policy *second = policy_ref(policy);
	policy_unref(policy);
	g_assert_cmpstr(policy_name(second), ==, "strictest");
	policy_unref(second);
	policy_unref(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/policy/refused", test_refusals);
	g_test_add_func("/policy/actions", test_actions);
	g_test_add_func("/policy/conversions", test_conversions);
	g_test_add_func("/policy/defang", test_defang);
	g_test_add_func("/policy/topology", test_topology);
	g_test_add_func("/policy/authentication", test_authentication);
	g_test_add_func("/policy/version", test_version);
	g_test_add_func("/policy/shipped", test_shipped_equals_builtin);
	g_test_add_func("/policy/shipped-all", test_shipped_policies);
	g_test_add_func("/policy/shipped-known", test_shipped_policies_are_known);
	g_test_add_func("/policy/files", test_files);
	g_test_add_func("/policy/halves", test_halves);
	g_test_add_func("/policy/refs", test_references);
	return g_test_run();
}
