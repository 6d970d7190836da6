"""HTML snippets of a grammar that knows every element and no manners. The same seed, the same snippets.

Words are of small letters, so that no mark of the renderer looks like one; none comes twice in a snippet.
"""
import random

FORMATTING = ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
PHRASE = ["span", "abbr", "q", "sub", "sup", "label", "ins", "del", "mark", "o:p", "x-y", "time", "var"]
BLOCK = ["p", "p", "div", "div", "center", "blockquote", "pre", "listing", "address", "section", "article", "h1", "h2",
	"h4", "details", "summary", "fieldset", "form", "main", "ul", "ol", "li", "dl", "dd", "dt", "menu", "dir", "figure"]
TABLE = ["table", "table", "tr", "tr", "td", "td", "th", "tbody", "thead", "tfoot", "caption", "colgroup", "col"]
SELECT = ["select", "option", "optgroup", "input", "textarea", "keygen", "hr"]
VOID = ["br", "hr", "img", "input", "wbr", "meta", "link", "embed", "area", "param", "source", "track", "base",
	"basefont", "bgsound", "image"]
RAW = ["title", "textarea", "style", "script", "xmp", "iframe", "noembed", "noframes"]
FOREIGN = ["svg", "math", "svg", "math", "foreignObject", "desc", "title", "mi", "mo", "mtext", "annotation-xml", "g",
	"mglyph", "malignmark", "path", "style", "script", "font"]
SCOPES = ["button", "marquee", "object", "applet", "template", "noscript"]
RUBY = ["ruby", "rb", "rt", "rp", "rtc"]
ROOT = ["html", "head", "body", "body"]
RARE = ["frameset", "frame", "plaintext"]
MEDIA = ["audio", "video", "canvas", "datalist", "picture", "progress", "meter"]
NEVER_SEEN = ["svg", "math", "template", "canvas", "video", "datalist", "title", "style", "iframe", "noembed", "svg", "math", "template"]
FAMILIES = [FORMATTING, PHRASE, BLOCK, TABLE, SELECT, VOID, RAW, FOREIGN, SCOPES, RUBY, ROOT, MEDIA]

COMMENTS = ["<!--{}-->", "<!-->{}", "<!--->{}", "<!--{}--!>", "<!--{}--!", "<!--{}--!->", "<!--{}->", "<!-- -- {} >-->",
	"<!--<!--{}-->", "<!--{}<!-->", "<!--{}<!--->", "<!---{}-->", "<!----{}-->", "<!-----{}-->", "<!--!>{}-->",
	"<!{}>", "<?{}>", "</ {}>", "</{}", "<![CDATA[{}]]>", "<![CDATA[{}>]]>", "<![CDATA[{}]]]>", "<![cdata[{}]]>",
	"<!DOCTYPE {}>", "<!doctype html public \"{}>\">", "<![if {}]>", "<![endif]-->", "<!-", "<!>", "</>", "<!--[if mso]>{}<![endif]-->"]
REFERENCES = ["&eacute;", "&eacute", "&eacutex", "&Eacute;", "&amp;", "&amp", "&lt;b>", "&ltb>", "&notit;", "&notin;", "&no",
	"&alpha;", "&alpha", "&alphabet;", "&AMPx", "&#x3042;", "&#12354", "&#x3042g", "&#xg", "&#", "&#;", "&#0;", "&#x80;",
	"&#xD800;", "&#x110000;", "&#99999999999;", "&#x8a;", "&nbsp;", "&copy;", "&bogus;", "&", "&;", "&&eacute;", "&#13;",
	"&ThickSpace;", "&fjlig;", "&hbar;", "&Agrave", "&aacute=", "&CounterClockwiseContourIntegral;"]
ODD_TAGS = ["<", "<<", "< ", "<1", "</", "<a", "<p ", "<p a=\"", "<p a='", "<!--", "<b/", "<\0b>", "<b\0>", "<é>", "</é>",
	"<p/ >", "<br/>", "</br>", "</p>", "<p<b>", "<=b>", "<b =>", "<b ==x>", "<svg/>", "<math/>", "<script/>", "<div/>",
	"</scr\0ipt>", "<title/>"]
SCRIPT = ["<!--", "-->", "<script>", "</script>", "</script ", "<!-", "->", "<script ", "</scriptx>", "--!>", "<", "</", "-"]
ATTRIBUTES = [" x", " x=y", " x='y'", " x=\"y\"", " x = y", " x=&lt;", " x='>'", " x=\">\"", " x=y/", "/x", " x=\"&quot;>\"", " X x=1",
	" color=red", " face=x", " encoding=text/html", " encoding='application/xhtml+xml'", " type=hidden", " type=text",
	" x='a\0b'", " x=a\0b", "\n\tx\r\n", "\fx", " =x", " x='y'z", " x=\"y\"z=\"w\"", " x=`y`", " x=y'z\"", " href=#"]
ALTS = [" alt={}", " alt='{}'", " alt=\"{}&eacute;\"", " alt={}&eacute", " alt=&eacute{}", " alt='&eacute={}'",
	" alt='{}&amp;{}'", " alt={}>{}", " alt=\"{}\" alt={}", " ALT='{}\0{}'"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Snippet:
	def __init__(self, rng, hiding):
		self.rng = rng
		self.hiding = hiding
		self.words = 0
		self.open = []
		families = rng.sample(FAMILIES, rng.randint(1, 3))
		pool = [name for family in families for name in family]
		self.names = rng.sample(pool, min(len(pool), rng.randint(2, 8)))
		if rng.random() < 0.7:
			self.names.append(rng.choice(NEVER_SEEN))
		if rng.random() < 0.03:
			self.names.append(rng.choice(RARE))

	def word(self):
		self.words += 1
		return LETTERS[self.words // 26 % 26] + LETTERS[self.words % 26]

	def filled(self, form):
		while "{}" in form:
			form = form.replace("{}", self.word(), 1)
		return form

	def cased(self, name):
		return name.upper() if self.rng.random() < 0.05 else name

	def start(self):
		name = self.rng.choice(self.names)
		self.open.append(name)
		attributes = "".join(self.rng.choices(ATTRIBUTES, k=self.rng.choice([0, 0, 0, 0, 0, 1, 1, 2])))
		if self.rng.random() < self.hiding:
			attributes += " hidden"
		if name == "img" and self.rng.random() < 0.7:
			attributes += self.filled(self.rng.choice(ALTS))
		return f"<{self.cased(name)}{attributes}{'/' if self.rng.random() < 0.03 else ''}>"

	def end(self):
		if self.open and self.rng.random() < 0.6:
			name = self.open.pop()
		elif self.open and self.rng.random() < 0.7:
			name = self.open.pop(self.rng.randrange(len(self.open)))
		else:
			name = self.rng.choice(self.names)
		return f"</{self.cased(name)}>"

	def script(self):
		inner = "".join(self.rng.choice(SCRIPT) + self.word() for _ in range(self.rng.randint(1, 6)))
		return f"<script>{inner}</script>{self.word()}"

	def piece(self):
		kinds = [(self.word, 30), (self.start, 40), (self.end, 25), (lambda: self.rng.choice("  \n\t\r"), 4),
			(lambda: self.filled(self.rng.choice(COMMENTS)) + self.word(), 2),
			(lambda: self.rng.choice(REFERENCES) + self.word(), 2),
			(lambda: self.rng.choice(ODD_TAGS) + self.word(), 1), (self.script, 0.5), (lambda: "\0", 0.5)]
		kind = self.rng.choices([k for k, _ in kinds], [weight for _, weight in kinds])[0]
		return kind()

	def text(self):
		doctype = "<!DOCTYPE html>" if self.rng.random() < 0.5 else ""
		return doctype + "".join(self.piece() for _ in range(self.rng.choice([4, 8, 12, 20, 40])))


def snippets(seed, count, hiding=0.0):
	"""hiding: how many of the start tags say that their element is hidden, 0 to 1."""
	rng = random.Random(seed)
	for _ in range(count):
		yield Snippet(rng, hiding).text()
