"""biff: the smallest Excel 97 workbooks ([MS-XLS]) that LibreOffice reads, for what it cannot write itself: macro sheets, VBA."""
import struct

import cfb
import vba

EXEC = 110
NORMAL, MACRO_SHEET = 0, 1


def _record(ident, content=b""):
    return struct.pack("<HH", ident, len(content)) + content


def _text(string, count="<H"):
    return struct.pack(count, len(string)) + b"\1" + string.encode("utf-16-le")


def _begin(kind):
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x1FAA, 1997, 0x41, 0x606))


def label(row, column, string):
    return _record(0x204, struct.pack("<HHH", row, column, 15) + _text(string))


def command(row, column, string):
    """A cell of a macro sheet: =EXEC(string)."""
    tokens = b"\x17" + _text(string, "<B") + b"\x42\x01" + struct.pack("<H", EXEC)
    return _record(0x6, struct.pack("<HHHdHIH", row, column, 15, 0.0, 0, 0, len(tokens)) + tokens)


def halt(row, column):
    tokens = b"\x42\x00" + struct.pack("<H", 54)
    return _record(0x6, struct.pack("<HHHdHIH", row, column, 15, 0.0, 0, 0, len(tokens)) + tokens)


def _sheet(cells, kind, code_name):
    name = _record(0x1BA, _text(code_name)) if code_name else b""
    return _begin(0x40 if kind == MACRO_SHEET else 0x10) + _record(0x200, struct.pack("<IIHHH", 0, 9, 0, 9, 0)) + cells + name + _record(0xA)


def _auto_open(sheet):
    """The built-in name Auto_Open: the first cell of the sheet of that number (by one EXTERNSHEET entry for it)."""
    tokens = b"\x3a" + struct.pack("<HHH", 0, 0, 0)
    name = struct.pack("<HBBHHHBBBB", 0x20, 0, 1, len(tokens), 0, 0, 0, 0, 0, 0) + b"\0\1" + tokens
    return (_record(0x1AE, struct.pack("<HH", sheet + 1, 0x401)) + _record(0x17, struct.pack("<HHHH", 1, 0, sheet, sheet)) +
            _record(0x18, name))


def workbook(sheets, modules=None, auto_open=None):
    """sheets: (name, cells, kind, code name); modules: as vba.project; auto_open: number of a macro sheet."""
    macros = _record(0xD3) + _record(0x1BA, _text("ThisWorkbook")) if modules else b""
    fonts = _record(0x31, struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _text("Arial", "<B")) * 5
    xf = b"".join(_record(0xE0, struct.pack("<HHHBBBBIIH", 0, 0, 0xFFF5 if i < 15 else 1, 0x20, 0, 0, 0, 0, 0, 0x20C0))
                  for i in range(16))
    head = _begin(5) + _record(0x42, struct.pack("<H", 1200)) + macros + _record(0x3D, struct.pack("<9H", 0, 0, 9000, 9000, 0x38, 0, 0, 1, 600))
    head += fonts + xf
    names = _auto_open(auto_open) if auto_open is not None else b""
    bodies = [_sheet(cells, kind, code) for _, cells, kind, code in sheets]
    bounds = sum(4 + 6 + 2 + 2 * len(name) for name, *_ in sheets)
    place = len(head) + bounds + len(names) + 4
    table = b""
    for (name, _, kind, _), body in zip(sheets, bodies):
        table += _record(0x85, struct.pack("<IBB", place, 0, kind) + _text(name, "<B"))
        place += len(body)
    stream = head + table + names + _record(0xA) + b"".join(bodies)
    files = cfb.Storage({"Workbook": stream.ljust(cfb.CUTOFF, b"\0")})
    files.class_id = bytes.fromhex("2008020000000000c000000000000046")
    if modules:
        files["_VBA_PROJECT_CUR"] = vba.project(modules)
    return cfb.write(files)
