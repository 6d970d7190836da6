"""vba: the smallest VBA project ([MS-OVBA]) that Office and LibreOffice read: source alone, no compiled code."""
import struct

from cfb import Storage, write

CODEPAGE = 932
CHUNK = 4096


def compressed(data):
    """A compressed container of literal tokens (a chunk that would grow too long is stored raw)."""
    out = bytearray(b"\x01")
    for at in range(0, len(data), CHUNK):
        chunk = data[at:at + CHUNK]
        tokens = b"".join(b"\0" + chunk[i:i + 8] for i in range(0, len(chunk), 8))
        if len(tokens) > CHUNK:
            out += struct.pack("<H", 0x3000 | (CHUNK + 2 - 3)) + chunk.ljust(CHUNK, b"\0")
        else:
            out += struct.pack("<H", 0xB000 | (len(tokens) + 2 - 3)) + tokens
    return bytes(out)


def _record(ident, content=b""):
    return struct.pack("<HI", ident, len(content)) + content


def _both(ident, text, wide):
    return _record(ident, text.encode("cp932")) + _record(wide, text.encode("utf-16-le"))


def _directory(modules):
    out = _record(0x01, struct.pack("<I", 1)) + _record(0x02, struct.pack("<I", 0x411))
    out += _record(0x14, struct.pack("<I", 0x411)) + _record(0x03, struct.pack("<H", CODEPAGE))
    out += _record(0x04, b"VBAProject") + _both(0x05, "", 0x40) + _both(0x06, "", 0x3D)
    out += _record(0x07, struct.pack("<I", 0)) + _record(0x08, struct.pack("<I", 0))
    out += struct.pack("<HIIH", 0x09, 4, 1, 1) + _both(0x0C, "", 0x3C)
    out += _record(0x0F, struct.pack("<H", len(modules))) + _record(0x13, struct.pack("<H", 0xFFFF))
    for name, (_, isdocument) in modules.items():
        out += _both(0x19, name, 0x47) + _both(0x1A, name, 0x32) + _both(0x1C, "", 0x48)
        out += _record(0x31, struct.pack("<I", 0)) + _record(0x1E, struct.pack("<I", 0)) + _record(0x2C, struct.pack("<H", 0xFFFF))
        out += _record(0x22 if isdocument else 0x21) + _record(0x2B)
    return out + _record(0x10)


def project(modules):
    """modules: name -> (source, is it the module of a document, sheet or workbook?). The storage that holds PROJECT and VBA."""
    lines = ['ID="{11111111-2222-3333-4444-555555555555}"']
    lines += [f"Document={name}/&H00000000" if isdocument else f"Module={name}" for name, (_, isdocument) in modules.items()]
    lines += ['Name="VBAProject"', 'HelpContextID="0"', 'VersionCompatible32="393222000"', "", "[Host Extender Info]",
              "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000", "", "[Workspace]",
              *[f"{name}=0, 0, 0, 0, C" for name in modules], ""]
    vba = Storage({"dir": compressed(_directory(modules)), "_VBA_PROJECT": bytes.fromhex("cc61ffff000000")})
    for name, (source, isdocument) in modules.items():
        head = f'Attribute VB_Name = "{name}"\r\n'
        if isdocument:
            head += ("Attribute VB_Base = \"0{00020819-0000-0000-C000-000000000046}\"\r\nAttribute VB_GlobalNameSpace = False\r\n"
                     "Attribute VB_Creatable = False\r\nAttribute VB_PredeclaredId = True\r\nAttribute VB_Exposed = True\r\n")
        vba[name] = compressed((head + source.replace("\n", "\r\n")).encode("cp932"))
    names = b"".join(name.encode("cp932") + b"\0" + name.encode("utf-16-le") + b"\0\0" for name in modules) + b"\0\0"
    return Storage({"PROJECT": "\r\n".join(lines).encode("cp932"), "PROJECTwm": names, "VBA": vba})


def project_bin(modules):
    return write(project(modules))
