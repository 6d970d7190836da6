"""package: zip containers of documents, the same bytes each time."""
import io
import zipfile

WHEN = (2026, 4, 1, 9, 0, 0)


def packed(members, stored=()):
    """members: name -> text or bytes, in order; stored: names that are not compressed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            info.create_system = 3
            container.writestr(info, content.encode() if isinstance(content, str) else content)
    return stream.getvalue()


# ---- Open Packaging Conventions (docx, xlsx, pptx) -----------------------------------------------------

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DEFAULTS = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml",
            "png": "image/png", "svg": "image/svg+xml", "bin": "application/vnd.openxmlformats-officedocument.oleObject",
            "mp4": "video/mp4", "emf": "image/x-emf"}


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def relationships(entries):
    """entries: (id, type, target[, "External"]); a type without slash is one of officeDocument's."""
    out = [XML, f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">']
    for ident, kind, target, *mode in entries:
        kind = kind if "/" in kind else f"{RELATIONSHIPS}/{kind}"
        mode = f' TargetMode="{mode[0]}"' if mode else ""
        out.append(f'<Relationship Id="{ident}" Type="{kind}" Target="{escaped(target)}"{mode}/>')
    return "".join(out) + "</Relationships>"


class Ooxml:
    """A package under construction: parts with their types and relationships."""

    def __init__(self):
        self.parts, self.types, self.rels = {}, {}, {"": []}

    def add(self, name, content, kind=None):
        self.parts[name] = content
        if kind:
            self.types[name] = kind
        return name

    def relate(self, source, kind, target, *mode):
        """source: "" for the package itself; returns the relationship's id."""
        entries = self.rels.setdefault(source, [])
        entries.append((f"rId{len(entries) + 1}", kind, target, *mode))
        return entries[-1][0]

    def bytes(self):
        types = [XML, f'<Types xmlns="{CONTENT_TYPES}">']
        types += [f'<Default Extension="{ext}" ContentType="{kind}"/>' for ext, kind in DEFAULTS.items()]
        types += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in self.types.items()]
        members = {"[Content_Types].xml": "".join(types) + "</Types>"}
        for source, entries in self.rels.items():
            folder, _, base = source.rpartition("/")
            members[f"{folder + '/' if folder else ''}_rels/{base}.rels"] = relationships(entries)
        members.update(self.parts)
        return packed(members)


# ---- OpenDocument --------------------------------------------------------------------------------------

SPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in (
    ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("draw", "drawing"),
    ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"), ("number", "datastyle"), ("presentation", "presentation"),
    ("script", "script"), ("form", "form"), ("chart", "chart"), ("config", "config"), ("meta", "meta"), ("db", "database"),
    ("manifest", "manifest"), ("anim", "animation"))) + (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dom="http://www.w3.org/2001/xml-events" xmlns:ooo="http://openoffice.org/2004/office"'
    ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:xforms="http://www.w3.org/2002/xforms"')
ODF_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
MIME = "application/vnd.oasis.opendocument."


def odf_document(root, content, kind=None):
    """root: document, document-content, document-styles, ...; kind: office:mimetype of a flat document."""
    mime = f' office:mimetype="{MIME}{kind}"' if kind else ""
    return f'{ODF_XML}<office:{root} {SPACES} office:version="1.3"{mime}>{content}</office:{root}>'


def odf_package(kind, parts, types=None):
    """parts: name -> content beside mimetype and manifest; kind: text, spreadsheet, presentation, graphics."""
    entries = {"/": MIME + kind}
    for name in parts:
        entries[name] = "text/xml" if name.endswith(".xml") else ""
    entries.update(types or {})
    manifest = "".join(f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{media}"/>'
                       for name, media in entries.items())
    members = {"mimetype": MIME + kind, **parts, "META-INF/manifest.xml":
               f'{ODF_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
               f' manifest:version="1.3">{manifest}</manifest:manifest>'}
    return packed(members, stored=("mimetype",))


ODF_KINDS = {"odt": "text", "ott": "text-template", "fodt": "text", "ods": "spreadsheet", "fods": "spreadsheet",
             "odp": "presentation", "fodp": "presentation", "odg": "graphics"}
BODIES = {"text-template": "text", "graphics": "drawing"}
MODULE_HEAD = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE script:module PUBLIC'
               ' "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">\n')
LIBRARY_HEAD = MODULE_HEAD.replace("module", "library")
LIBRARIES_HEAD = MODULE_HEAD.replace("script:module", "library:libraries").replace("module", "libraries")


def basic_package(source):
    """The Basic library Standard with one module, as the members of a package."""
    space = 'xmlns:library="http://openoffice.org/2000/library"'
    return {
        "Basic/script-lc.xml": f'{LIBRARIES_HEAD}<library:libraries {space} xmlns:xlink="http://www.w3.org/1999/xlink">'
                               '<library:library library:name="Standard" library:link="false"/></library:libraries>',
        "Basic/Standard/script-lb.xml": f'{LIBRARY_HEAD}<library:library {space} library:name="Standard"'
                                        ' library:readonly="false" library:passwordprotected="false">'
                                        '<library:element library:name="Module1"/></library:library>',
        "Basic/Standard/Module1.xml": f'{MODULE_HEAD}<script:module xmlns:script="http://openoffice.org/2000/script"'
                                      f' script:name="Module1" script:language="StarBasic">{escaped(source)}</script:module>',
    }


def basic_flat(source):
    return ('<office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded ooo:name="Standard">'
            f'<ooo:module ooo:name="Module1"><ooo:source-code>{escaped(source)}</ooo:source-code></ooo:module>'
            '</ooo:library-embedded></ooo:libraries></office:script>')


def odf(ext, body, *, styles="", automatic="", master="", fonts="", basic="", listeners="", parts=None, types=None, settings="",
        meta="", prolog=""):
    """An OpenDocument, packed or flat as ext says. listeners: (event, URL) pairs; prolog: before the root element; parts and
    their types: more members of a package; meta: of a flat one."""
    kind = ODF_KINDS[ext]
    tag = BODIES.get(kind, kind)
    flat = ext.startswith("f")
    events = "".join(f'<script:event-listener script:language="ooo:script" script:event-name="{event}"'
                     f' xlink:href="{escaped(url)}" xlink:type="simple"/>' for event, url in listeners)
    scripts = (basic_flat(basic) if flat and basic else "") + (events and f"<office:event-listeners>{events}</office:event-listeners>")
    scripts = scripts and f"<office:scripts>{scripts}</office:scripts>"
    fonts = fonts and f"<office:font-face-decls>{fonts}</office:font-face-decls>"
    styles = f"<office:styles>{styles}</office:styles>"
    automatic = f"<office:automatic-styles>{automatic}</office:automatic-styles>"
    master = f"<office:master-styles>{master}</office:master-styles>"
    body = f"<office:body><office:{tag}>{body}</office:{tag}></office:body>"
    settings = settings and f"<office:settings>{settings}</office:settings>"
    if flat:
        text = odf_document("document", meta + settings + scripts + fonts + styles + automatic + master + body, kind)
        return text.replace(ODF_XML, ODF_XML + prolog, 1).encode()
    content = odf_document("document-content", scripts + fonts + automatic + body).replace(ODF_XML, ODF_XML + prolog, 1)
    members = {"content.xml": content, "styles.xml": odf_document("document-styles", fonts + styles + automatic + master)}
    if settings:
        members["settings.xml"] = odf_document("document-settings", settings)
    if basic:
        members.update(basic_package(basic))
    members.update(parts or {})
    return odf_package(kind, members, types)
