"""Hostile HTML for tests/bench --html: name -> function of a size, whose text doubles when the size does.

The rows of facts/text.md 1, and what else may cost more than it weighs here: style rules, tables, lists, links,
references, characters that are cleaned away.
"""

MB = 1 << 20


def rep(unit):
    """As many units as fit."""
    return lambda size: unit * (size // len(unit.encode()))


def numbered(template, head="", tail=""):
    """template with running numbers."""
    def make(size):
        out, length, n = [head], len(head), 0
        while length < size:
            piece = template.replace("%d", str(n))
            out.append(piece)
            length += len(piece)
            n += 1
        return "".join(out) + tail
    return make


def around(head, unit, tail=""):
    return lambda size: head + rep(unit)(size) + tail


def nested(start, text, end):
    """Opened, some text, closed."""
    def make(size):
        n = size // (len(start) + len(text) + len(end))
        return (start + text) * n + end * n
    return make


def rules(selector, body, tag):
    """Half style rules, half elements that they may match."""
    def make(size):
        css = numbered(selector + "{" + body + "}")(size // 2)
        return f"<style>{css}</style>" + numbered(tag)(size // 2)
    return make


def table(cell, row_cells):
    def make(size):
        row = "<tr>" + cell * row_cells
        return "<table border=1>" + row * (size // len(row)) + "</table>"
    return make


# name -> (size of the smaller one, maker). What costs little more than reading it is so large that neither size
# fits into a processor's second cache, nor its pages into what it knows of addresses: else growth is theirs.
SHAPES = {
    # facts/text.md 1
    "div nested": (MB // 2, rep("<div>")),
    "div nested, text": (MB, nested("<div>", "x", "</div>")),
    "blockquote nested": (MB, rep("<blockquote>")),
    "blockquote nested, text": (MB, nested("<blockquote>", "a<br>b", "</blockquote>")),
    "li nested": (MB // 2, rep("<li>")),
    "ul li nested": (MB, nested("<ul><li>", "x", "</ul>")),
    "ol li nested": (MB, nested("<ol><li>", "x", "</ol>")),
    "b unclosed": (3 * MB, rep("<b>")),
    "font unclosed": (8 * MB, rep("<font color=red>")),
    "a unclosed": (3 * MB, rep("<a>")),
    "a href unclosed": (3 * MB, numbered("<a href=//h%d.example/>x")),
    "p font": (MB // 4, numbered("<p><font color=%d>x")),
    "p font b i": (MB // 4, numbered("<p><font color=%d><b><i id=%d>x")),
    "b i attributes": (MB // 4, numbered("<b a=%d><i b=%d>x</b>")),
    "attributes": (MB, numbered(" a%d=1", "<div", ">x")),
    "attributes alike": (MB, around("<div", " a=1", ">x")),
    "option": (4 * MB, around("<select>", "<option>", "</select>")),
    "option, text": (4 * MB, around("<select>", "<option>x", "</select>")),
    "table nested": (MB, rep("<table><tr><td>")),
    "table nested, text": (MB, nested("<table><tr><td>", "x", "</table>")),
    "table nested, two cells": (MB, nested("<table><tr><td>a<td>", "x", "</table>")),
    "table foster": (MB, rep("<table>x<tr>y<td>z")),
    "attribute huge": (9 * MB, around("<p title='", "x", "'>x")),
    "style huge": (9 * MB, around("<p style='", "color:red;", "'>x")),
    "text": (9 * MB, rep("x")),
    "text, Japanese": (9 * MB, rep("日本語")),
    "words": (9 * MB, rep("word ")),
    "comment": (9 * MB, around("<!--", "x", "-->x")),
    "comment unclosed": (9 * MB, around("<!--", "x")),
    # the tokenizer
    "&": (5 * MB, rep("&")),
    "<": (5 * MB, rep("<")),
    ">": (5 * MB, rep(">")),
    "</": (9 * MB, rep("</")),
    "<!": (9 * MB, rep("<!")),
    "<!--": (5 * MB, rep("<!--")),
    "<!-->": (5 * MB, rep("<!-->")),
    "dashes": (5 * MB, around("<!--", "-", "")),
    "<a": (5 * MB, rep("<a ")),
    "<a=": (9 * MB, around("<a ", "=")),
    "quotes": (5 * MB, rep("<a '\"")),
    "&amp;": (5 * MB, rep("&amp;")),
    "&notit;": (5 * MB, rep("&notit;")),
    "&Counter": (5 * MB, rep("&CounterClockwiseContourIntegra")),
    "&#": (5 * MB, rep("&#")),
    "&#x3042;": (5 * MB, rep("&#x3042;")),
    "&#9999...": (5 * MB, around("&#", "9")),
    "&amp in attribute": (5 * MB, around("<a href='", "&amp;", "'>x</a>")),
    "NUL": (5 * MB, rep("\0")),
    "NUL in tags": (5 * MB, rep("<\0b\0>")),
    "CR": (5 * MB, rep("\r")),
    "tag name": (5 * MB, around("<", "x", ">")),
    "attribute name": (5 * MB, around("<b ", "x", ">")),
    "unknown tags": (2 * MB, numbered("<x%d>y")),
    "unknown end tags": (2 * MB, numbered("</x%d>y")),
    "end tags": (2 * MB, around("<div>" * 600, "</p></b></i></td>")),
    "CDATA": (5 * MB, around("<svg>", "<![CDATA[x]]>")),
    "]]>": (5 * MB, around("<svg><![CDATA[", "]]", "")),
    "script": (5 * MB, around("<script>", "<!--<script>")),
    "script ends": (5 * MB, around("<script>", "</scrip")),
    "textarea": (5 * MB, around("<textarea>", "</textare")),
    "plaintext": (5 * MB, around("<plaintext>", "</p> ")),
    "title": (5 * MB, rep("<title>x</title>")),
    "svg": (2 * MB, rep("<svg>")),
    "svg break out": (2 * MB, rep("<svg><p>")),
    "math": (2 * MB, rep("<math><mi>x")),
    "template": (2 * MB, rep("<template>")),
    # the stack
    "a b nested": (MB, rep("<b><a href=x>")),
    "formatting, blocks": (MB, rep("<b><i><div></b></i>")),
    "p in inline": (MB, around("<b><i><u><s><tt>", "<p>x")),
    "nobr": (MB, rep("<nobr>x")),
    "button": (MB, rep("<button>x")),
    "form": (MB, rep("<form><input>")),
    "select table": (MB, rep("<select><table>")),
    "marquee": (MB, rep("<b><marquee>")),
    "span styled": (2 * MB, rep("<span style='color:red;font-size:12px'>")),
    "span styled, closed": (2 * MB, rep("<span style='color:red;font-size:12px'>x</span>")),
    "div, closed at once": (MB, lambda size: "<div>" * (size // 11) + "</div>" * (size // 11)),
    # style
    "rules, class": (MB // 2, rules(".c%d", "display:none", "<p class=c%d>x")),
    "rules, one class": (MB // 2, rules(".c", "color:red", "<p class=c>x")),
    "rules, type": (MB // 2, rules("p", "color:red", "<p>x")),
    "rules, id": (MB // 2, rules("#i%d", "display:none", "<p id=i%d>x")),
    "rules, descendants": (MB // 2, rules("div .c%d", "display:none", "<div class=c%d>x")),
    "rules, deep": (MB // 2, rules("div div div div div div .x", "color:red", "<div class=x>x")),
    "rules, other tree": (MB // 2, rules("b i b i b i p.x", "color:red", "<div><p class=x>x")),
    "rules, list": (MB // 2, numbered(".c%d,", "<style>", "p{color:red}</style><p>x")),
    "rules, many sheets": (MB // 2, numbered("<style>.c%d{color:red}</style><p class=c%d>x")),
    "rules, media": (MB // 2, around("<style>", "@media x{", "")),
    "rules, media nested text": (MB // 2, around("<style>", "@media print{p{color:red}}", "</style>x")),
    "classes": (MB // 2, numbered(" c%d", "<style>.c1{color:red}</style><p class='", "'>x")),
    "classes again": (MB, lambda size: "<style>.c1{color:red}</style>" +
                      rep("<p class='" + " ".join(f"k{i}" for i in range(200)) + "'>x")(size)),
    "style brackets": (MB, around("<p style='width:", "(", "'>x")),
    "style braces": (MB, around("<style>", "{", "</style>x")),
    "style comments": (MB, around("<style>", "/*", "</style>x")),
    "style escapes": (MB, around("<style>", "\\66 ", "</style>x")),
    "style strings": (MB, around("<style>", "\"", "</style>x")),
    "style attribute selectors": (MB, around("<style>", "[a=b]", "{}</style>x")),
    "font size digits": (MB, around("<p style='font-size:", "9", "'>x")),
    # layout
    "br": (5 * MB, rep("<br>")),
    "br, text": (5 * MB, rep("<br>x")),
    "hr": (2 * MB, rep("<hr>")),
    "blanks": (9 * MB, rep(" ")),
    "line ends": (9 * MB, rep("\n")),
    "blanks between": (9 * MB, rep("x    \n\t")),
    "pre": (9 * MB, around("<pre>", "x \n\t")),
    "pre blanks": (9 * MB, around("<pre>", " ")),
    "nbsp": (5 * MB, rep("&nbsp;")),
    "nbsp x": (5 * MB, rep("x&nbsp; ")),
    "ruby": (2 * MB, rep("<ruby>漢<rt>かん</ruby>")),
    "ruby nested": (2 * MB, rep("<ruby>漢<rt>かん")),
    "del": (2 * MB, rep("<del>x</del>")),
    "q": (2 * MB, rep("<q>x")),
    "sup": (2 * MB, rep("<sup>x</sup>")),
    "headings": (2 * MB, rep("<h1>x</h1>")),
    "dl": (2 * MB, rep("<dl><dt>x<dd>y")),
    "ol value": (2 * MB, numbered("<li value=%d>x", "<ol type=i>")),
    "img": (2 * MB, rep("<img alt=x>")),
    "img alt huge": (9 * MB, around("<img alt='", "日本", "'>")),
    "input": (2 * MB, rep("<input value=x><input type=password>")),
    "table wide": (MB, table("<td>x", 100)),
    "table, one row": (MB, around("<table border=1><tr>", "<td>x")),
    "table, many columns": (MB, table("<th>x", 64)),
    # as many rows as a table may have that is kept
    "tables, many columns": (MB, rep("<table border=1>" + ("<tr>" + "<th>x" * 64) * 800 + "</table>")),
    "table, long cells": (2 * MB, table("<td>" + "日本語" * 30, 4)),
    "table, one long cell": (2 * MB, around("<table border=1><tr><th>a<th>b<tr><td>", "x", "<td>y<tr><td>1<td>2</table>")),
    "table, one long row": (2 * MB, around("<table border=1><tr><td>x<tr>", "<td>y", "</table>")),
    "table, colspan": (MB, table("<td colspan=1000>x", 3)),
    "table, rowspan": (MB, table("<td rowspan=1000>x", 3)),
    "table, both spans": (MB, table("<td rowspan=65534 colspan=1000>x", 5)),
    "table, data": (2 * MB, around("<table border=1><tr><th>品名<th>数量", "<tr><td>ボールペン<td>10", "</table>")),
    "table, empty rows": (2 * MB, around("<table border=1>", "<tr>", "</table>")),
    "table, sections": (2 * MB, around("<table>", "<thead><tr><td>x<tbody>", "</table>")),
    "tables": (2 * MB, rep("<table border=1><tr><th>a<th>b<tr><td>1<td>2</table>")),
    "captions": (2 * MB, around("<table>", "<caption>x", "")),
    "col": (2 * MB, around("<table>", "<col>", "")),
    # links
    "links": (3 * MB, numbered("<a href=http://h%d.example/p>x</a>\n")),
    "links, one": (3 * MB, rep("<a href=http://h.example/p>x</a>\n")),
    "links, no list": (3 * MB, numbered("<a href=http://h%d.example/>http://h%d.example/</a>\n")),
    "links, lies": (3 * MB, numbered("<a href=http://h%d.example/>www.bank.example</a>\n")),
    "links, IDN": (2 * MB, numbered("<a href=http://日本%d.example/>x</a>\n")),
    "link, text": (5 * MB, around("<a href=http://h.example/>", "x", "</a>")),
    "link, hosts": (5 * MB, around("<a href=http://h.example/>", "a.example ", "</a>")),
    "link, dots": (5 * MB, around("<a href=http://h.example/>", "a.", "</a>")),
    "link, slashes": (5 * MB, around("<a href=http://h.example/>", "//", "</a>")),
    "link, at": (5 * MB, around("<a href=http://h.example/>", "@", "</a>")),
    "link, full width": (5 * MB, around("<a href=http://h.example/>", "ｗ．", "</a>")),
    "href long": (MB, rep("<a href='http://h.example/" + "a/" * 5000 + "'>x</a>")),
    "href dots": (MB, rep("<a href='http://h.example/" + "../" * 5000 + "'>x</a>")),
    "href percent": (MB, rep("<a href='http://" + "%41" * 5000 + "/'>x</a>")),
    "href labels": (MB, rep("<a href='http://" + "a." * 5000 + "/'>x</a>")),
    "href refused": (2 * MB, rep("<a href=javascript:x>y</a>")),
    "area": (2 * MB, numbered("<area href=//h%d.example alt=x>", "<map>")),
    "list imitated": (2 * MB, rep("<br>[1] http://x.example/")),
    # characters
    "combining": (5 * MB, rep("\u0301")),
    "combining, e": (5 * MB, rep("e" + "\u0301" * 20)),
    "zero width": (5 * MB, rep("\u200b")),
    "zero width, x": (5 * MB, rep("x\u200b")),
    "bidi": (5 * MB, rep("\u202e")),
    "bidi, x": (5 * MB, rep("\u05d0\u202b\u2067")),
    "bidi pairs": (5 * MB, rep("\u05d0\u2067x\u2069")),
    "joiners": (5 * MB, rep("\U0001f468\u200d")),
    "selectors": (5 * MB, rep("葛\U000e0100")),
    "tags": (5 * MB, rep("\U000e0041")),
    "private use": (5 * MB, rep("\ue000")),
    "tabs": (5 * MB, rep("x&#9;")),
    "tabs, pre": (5 * MB, around("<pre>", "\t")),
    "filler blanks": (5 * MB, rep("\u200c&nbsp;")),
    "base64": (5 * MB, rep("aB3" * 25 + "\n")),
    "base64, pre": (5 * MB, around("<pre>", "aB3" * 25 + "\n")),
    # hidden
    "hidden": (2 * MB, rep("<p style=display:none>x</p>")),
    "hidden nested": (2 * MB, nested("<div style=font-size:0>", "x", "</div>")),
    "hidden, text": (5 * MB, around("<p hidden>", "x y ", "")),
    "hidden links": (2 * MB, rep("<a style=display:none href=//x.example>x</a>")),
}
