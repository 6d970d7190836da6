#!/usr/bin/env python3
"""style_differential.py HTML_BATCH [SEED [PAGES]]: what is seen, reckoned twice.

Small pages are made up, with style sheets and style attributes. A second reckoning, written from CSS 2.1, Cascade 4 and
Selectors 4 in the plainest way (every rule is tried on every element), says which words are seen. Where all is
decided both must agree word for word. Where a rule may or may not apply (@media screen, @supports, :hover, a sibling), whatever
is seen with all of these, or with none of them, must be seen.
"""
import random
import re
import subprocess
import sys

TAGS = ["div", "section", "article", "span", "em", "b", "u", "code"]
BLOCKS = {"div", "section", "article"}
CLASSES = ["a", "c", "d", "e"]
IDS = ["p", "q", "r"]
TITLES = ["one", "two words", "en-GB"]
# name: (red, green, blue, alpha); those near each other are at most 8 apart, the others at least 40
COLOURS = {
    "black": (0, 0, 0, 1), "#000": (0, 0, 0, 1), "rgb(4,4,4)": (4, 4, 4, 1), "hsl(0,0%,0%)": (0, 0, 0, 1),
    "#080808ff": (8, 8, 8, 1), "white": (255, 255, 255, 1), "#FFF": (255, 255, 255, 1),
    "rgb(100% 100% 100%)": (255, 255, 255, 1), "rgba(250, 250, 250, 1)": (250, 250, 250, 1),
    "red": (255, 0, 0, 1), "#f00f": (255, 0, 0, 1), "hsl(0deg 100% 50%)": (255, 0, 0, 1),
    "rgb(255 0 0 / 100%)": (255, 0, 0, 1), "navy": (0, 0, 128, 1), "#000080": (0, 0, 128, 1),
    "transparent": (0, 0, 0, 0), "rgba(9,9,9,0)": (9, 9, 9, 0), "#12340000": (18, 52, 0, 0),
}
SIZES = {"0": ("px", 0), "1px": ("px", 1), "12px": ("px", 12), ".5pt": ("px", 2 / 3), "9pt": ("px", 12),
         "0.05rem": ("px", 0.8), "2rem": ("px", 32), "0em": ("em", 0), "2em": ("em", 2), "0.02em": ("em", 0.02),
         "50%": ("em", 0.5), "1%": ("em", 0.01), "medium": ("px", 16), "x-small": ("px", 10), "0.2mm": ("px", 0.7559)}
INHERITED = {"visibility": "visible", "font-size": "medium", "color": "black"}
RESET = {"display": "inline", "background-color": "transparent", "opacity": "1", "max-height": "none",
         "overflow": "visible", "position": "static", "left": "auto"}


class Element:
    def __init__(self, tag, parent):
        self.tag, self.parent, self.children = tag, parent, []
        self.id, self.classes, self.title, self.style, self.word = None, [], None, [], None
        self.hidden = False
        if parent is not None:
            self.before = parent.children[-1] if parent.children else None
            parent.children.append(self)
        else:
            self.before = None


# ---- making pages ----------------------------------------------------------------------------------------------------

def make_value(rng, name):
    if rng.random() < 0.06:
        # what is not inherited by itself is inherited from a style that we do not keep: a maybe
        return rng.choice(["inherit", "initial", "unset"] if name in INHERITED else ["initial", "unset"])
    return {
        "display": lambda: rng.choice(["none", "none", "inline", "block"]),
        "visibility": lambda: rng.choice(["hidden", "collapse", "visible", "visible"]),
        "font-size": lambda: rng.choice(list(SIZES)),
        "color": lambda: rng.choice(list(COLOURS)),
        "background-color": lambda: rng.choice(list(COLOURS)),
        "opacity": lambda: rng.choice(["0", "0.2", ".01", "1", "100%", "20%", "0%"]),
        "max-height": lambda: rng.choice(["0", "0px", "none", "100px"]),
        "overflow": lambda: rng.choice(["hidden", "hidden", "visible"]),
        "position": lambda: rng.choice(["static", "relative"]),
        "left": lambda: rng.choice(["auto", "0", "-9999px"]),
    }[name]()


def make_declarations(rng):
    names = list(INHERITED) + list(RESET)
    return [(n, make_value(rng, n), rng.random() < 0.15) for n in rng.choices(names, k=rng.randint(1, 3))]


def make_compound(rng):
    """(text, tag, id, classes, attribute)"""
    tag = rng.choice(TAGS) if rng.random() < 0.4 else None
    ident = rng.choice(IDS) if rng.random() < 0.2 else None
    classes = rng.sample(CLASSES, rng.choice([0, 1, 1, 2]))
    attribute = None
    if rng.random() < 0.12:
        attribute = rng.choice([("", ""), ("=", "one"), ("~=", "words"), ("|=", "en"), ("^=", "tw"), ("$=", "GB"),
                                ("*=", "wo")])
    text = (tag or "") + "".join("." + c for c in classes) + ("#" + ident if ident else "")
    if attribute:
        text += "[title]" if not attribute[0] else '[title%s"%s"]' % attribute
    if not text:
        text = "*"
    return text, tag, ident, classes, attribute


def make_selector(rng):
    """([(combinator, compound)], maybe)"""
    chain = [("", make_compound(rng))]
    maybe = False
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        combinator = rng.choice([" ", " ", ">"])
        if rng.random() < 0.06:
            combinator, maybe = rng.choice("+~"), True
        chain.append((combinator, make_compound(rng)))
    return chain, maybe


def selector_text(rng, chain):
    text = ""
    for combinator, compound in chain:
        blank = rng.choice(["", " ", "\n"]) if combinator.strip() else ""
        text += blank + (combinator if combinator != " " else rng.choice([" ", "  ", "\t"])) + blank + compound[0]
    return text


def make_rule(rng, decided):
    selectors = [make_selector(rng) for _ in range(rng.choice([1, 1, 1, 2]))]
    if decided:
        selectors = [(chain, False) for chain, maybe in selectors if not maybe]
    hover = not decided and rng.random() < 0.15
    declarations = make_declarations(rng)
    if not selectors:
        return None
    text = rng.choice([", ", ","]).join(selector_text(rng, c) + (":hover" if hover else "") for c, _ in selectors)
    block = ";".join(declaration_text(rng, d) for d in declarations) + rng.choice([";", ""])
    text = "%s%s{%s}" % (text, rng.choice(["", " ", "/* } */"]), block)
    return [[c for c, _ in selectors], declarations, hover, text]


def declaration_text(rng, declaration):
    name, value, important = declaration
    name = rng.choice([name, name, name.upper(), "\\%x %s" % (ord(name[0]), name[1:])])
    return name + rng.choice([":", " : ", ":/*;*/"]) + value + (rng.choice(["!important", " ! IMPORTANT"]) if important else "")


def make_sheet(rng, decided):
    """[(applies, rule)] with applies "always", "never", "maybe"; and its text."""
    rules, text = [], rng.choice(["", "<!-- "])
    for _ in range(rng.randint(1, 7)):
        rule = make_rule(rng, decided)
        if rule is None:
            continue
        applies, before, after = "always", "", ""
        kind = rng.random()
        if kind < 0.08:
            applies, before, after = "never", rng.choice(["@media print{", "@media (max-width:480px){"]), "}"
        elif kind < 0.25 and not decided:
            applies, before, after = "maybe", rng.choice(["@media screen{", "@supports (a:b){"]), "}"
        elif kind < 0.30:
            before = rng.choice(["@charset 'x';", "@font-face{font-family:x}", "@page{margin:0}"])
        if rule[2] and applies == "always":
            applies = "maybe"
        rules.append((applies, rule))
        text += before + rule[3] + after + rng.choice(["", "\n", " /* { */ "])
    return rules, text


def make_tree(rng, parent, depth, words):
    for _ in range(rng.randint(1, 3)):
        element = Element(rng.choice(TAGS), parent)
        element.classes = rng.sample(CLASSES, rng.choice([0, 1, 1, 2]))
        element.id = rng.choice(IDS) if rng.random() < 0.15 else None
        element.title = rng.choice(TITLES) if rng.random() < 0.15 else None
        element.hidden = rng.random() < 0.03
        element.style = make_declarations(rng) if rng.random() < 0.15 else []
        words.append("w%dw" % len(words))
        element.word = words[-1]
        if depth < 4 and rng.random() < 0.6:
            make_tree(rng, element, depth + 1, words)


def page_text(rng, element):
    attributes = ""
    if element.classes:
        attributes += " class='%s'" % rng.choice([" ", "  "]).join(element.classes)
    if element.id:
        attributes += " id=%s" % element.id
    if element.title:
        attributes += " title='%s'" % element.title
    if element.hidden:
        attributes += " hidden"
    if element.style:
        attributes += " style=\"%s\"" % ";".join(declaration_text(rng, d) for d in element.style)
    inside = "".join(page_text(rng, c) for c in element.children)
    return "<%s%s> %s %s</%s>" % (element.tag, attributes, element.word, inside, element.tag)


# ---- the second reckoning -------------------------------------------------------------------------------------------

def answers(element, compound):
    _, tag, ident, classes, attribute = compound
    if element.tag in ("html", "body") and (classes or ident or attribute or tag):
        return False
    if (tag and element.tag != tag) or (ident and element.id != ident) or set(classes) - set(element.classes):
        return False
    if attribute is None:
        return True
    have, (operator, want) = element.title, attribute
    if have is None:
        return False
    return {"": True, "=": have == want, "~=": want in have.split(), "|=": have == want or have.startswith(want + "-"),
            "^=": have.startswith(want), "$=": have.endswith(want), "*=": want in have}[operator]


def matches(element, chain):
    combinator, compound = chain[-1]
    if not answers(element, compound):
        return False
    if len(chain) == 1:
        return True
    if combinator == ">":
        return element.parent is not None and matches(element.parent, chain[:-1])
    if combinator == "+":
        return element.before is not None and matches(element.before, chain[:-1])
    others = []
    if combinator == "~":
        other = element.before
        while other is not None:
            others.append(other)
            other = other.before
    else:
        other = element.parent
        while other is not None:
            others.append(other)
            other = other.parent
    return any(matches(o, chain[:-1]) for o in others)


def specificity(chain):
    ids = sum(1 for _, c in chain if c[2])
    classes = sum(len(c[3]) + (c[4] is not None) for _, c in chain)
    return ids, classes, sum(1 for _, c in chain if c[1])


def cascade(element, rules):
    """The winner of each property."""
    said = {}
    if element.hidden:
        said["display"] = ((0,), "none")
    entries = []
    for order, (selectors, declarations) in enumerate(rules):
        fits = [specificity(s) for s in selectors if matches(element, s)]
        if fits:
            entries += [(important, 0, max(fits), order, i, n, v) for i, (n, v, important) in enumerate(declarations)]
    entries += [(important, 1, (0, 0, 0), 0, i, n, v) for i, (n, v, important) in enumerate(element.style)]
    for *weight, name, value in sorted(entries, key=lambda e: e[:5]):
        said[name] = (weight, value)
    return {n: v for n, (_, v) in said.items()}


def computed(element, parent, rules):
    said, style = cascade(element, rules), {}
    own = {"display": "block" if element.tag in BLOCKS or element.tag in ("html", "body") else "inline"}
    for name, initial in list(INHERITED.items()) + list(RESET.items()):
        value = said.get(name)
        if value is None:
            value = "inherit" if name in INHERITED else own.get(name, initial)
        if value == "unset":
            value = "inherit" if name in INHERITED else initial
        if value == "initial":
            value = initial
        if value == "inherit":
            style[name] = parent[name]
        elif name == "font-size":
            unit, number = SIZES[value]
            style[name] = number if unit == "px" else number * parent[name]
        elif name in ("color", "background-color"):
            style[name] = COLOURS[value]
        else:
            style[name] = value
    return style


ROOT = {"display": "block", "visibility": "visible", "font-size": 16, "color": (0, 0, 0, 1),
        "background-color": (0, 0, 0, 0), "opacity": "1", "max-height": "none", "overflow": "visible",
        "position": "static", "left": "auto"}


def near(ink, paper):
    return all(abs(a - b) <= 16 for a, b in zip(ink[:3], paper[:3]))


def share(text):
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def look(element, parent, around, rules, seen):
    """around: what the element cannot undo: gone, opacity, paper, moved."""
    style = computed(element, parent, rules)
    gone, opacity, paper, moved = around
    block = style["display"] == "block"
    gone = gone or style["display"] == "none"
    gone = gone or (block and style["max-height"] in ("0", "0px") and style["overflow"] == "hidden")
    opacity *= share(style["opacity"])
    if style["background-color"][3]:
        paper = style["background-color"]
    if style["position"] == "relative" and style["left"] == "-9999px":
        moved -= 9999
    ink = style["color"]
    hidden = gone or opacity <= 0.05 or style["visibility"] != "visible" or style["font-size"] <= 1
    hidden = hidden or moved <= -900 or ink[3] == 0 or near(ink, paper)
    if element.word and not hidden:
        seen.add(element.word)
    for child in element.children:
        look(child, style, (gone, opacity, paper, moved), rules, seen)


def seen_words(root, rules):
    seen = set()
    look(root, ROOT, (False, 1, (255, 255, 255, 1), 0), rules, seen)
    return seen


# ---- comparing -------------------------------------------------------------------------------------------------------

class Page:
    def __init__(self, seed, decided):
        rng = random.Random(seed)
        self.seed, self.decided = seed, decided
        self.root = Element("html", None)
        body = Element("body", self.root)
        words = []
        sheets = [make_sheet(rng, decided) for _ in range(rng.choice([1, 1, 2]))]
        make_tree(rng, body, 0, words)
        head = "".join("<style>%s</style>" % text for _, text in sheets)
        self.html = head + "".join(page_text(rng, c) for c in body.children)
        self.rules = [r for rules, _ in sheets for r in rules]

    def with_maybes(self, on):
        rules = [(r[0], r[1]) for applies, r in self.rules if applies == "always" or (on and applies == "maybe")]
        return seen_words(self.root, rules)

    def judge(self, text):
        """None, or what is wrong."""
        shown = set(re.findall(r"w\d+w", text))
        without, with_all = self.with_maybes(False), self.with_maybes(True)
        if self.decided and shown != without:
            return "lost %s, too many %s" % (sorted(without - shown), sorted(shown - without))
        if not without <= shown or not with_all <= shown:
            return "lost %s" % sorted((without | with_all) - shown)
        return None


def main():
    batch, seed, pages = sys.argv[1], 20260, 3000
    if len(sys.argv) > 2:
        seed = int(sys.argv[2])
    if len(sys.argv) > 3:
        pages = int(sys.argv[3])
    made = [Page(seed * 1000003 + i, i % 2 == 0) for i in range(pages)]
    data = b"".join(p.html.encode() + b"\0" for p in made)
    texts = subprocess.run([batch], input=data, stdout=subprocess.PIPE, check=True).stdout.split(b"\0")[:-1]
    if len(texts) != pages:
        sys.exit("%d pages went in, %d texts came out" % (pages, len(texts)))
    wrong = 0
    for page, text in zip(made, texts):
        fault = page.judge(text.decode())
        if fault:
            wrong += 1
            if wrong <= 5:
                print("page %d: %s\n%s\n" % (page.seed, fault, page.html))
    seen = sum(len(re.findall(rb"w\d+w", t)) for t in texts)
    words = sum(len(re.findall(r" w\d+w ", p.html)) for p in made)
    print("%d pages, %d words, %d seen, %d pages differ" % (pages, words, seen, wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
