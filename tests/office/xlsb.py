"""xlsb: the smallest Excel binary workbook ([MS-XLSB]) that LibreOffice reads: texts and numbers on sheets."""
import struct

from package import Ooxml

MAIN = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
VISIBLE, HIDDEN = 0, 1


def _record(ident, content=b""):
    head = bytes([ident]) if ident < 128 else bytes([ident & 0x7F | 0x80, ident >> 7])
    size, length = len(content), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + length + content


def _wide(text):
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def _sheet(rows, drawing=""):
    out = _record(129) + _record(145)
    for number, row in enumerate(rows):
        out += _record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            out += _record(6, place + _wide(value)) if isinstance(value, str) else _record(5, place + struct.pack("<d", value))
    return out + _record(146) + (_record(550, _wide(drawing)) if drawing else b"") + _record(130)


def workbook(sheets, pack=None, drawing=""):
    """sheets: (name, rows of texts and numbers, VISIBLE or HIDDEN); drawing: of the first sheet, a part of pack."""
    pack = pack or Ooxml()
    pack.relate("", "officeDocument", "xl/workbook.bin")
    bundle = b""
    for number, (name, rows, state) in enumerate(sheets, 1):
        shapes = pack.relate(f"xl/worksheets/sheet{number}.bin", "drawing", drawing) if drawing and number == 1 else ""
        pack.add(f"xl/worksheets/sheet{number}.bin", _sheet(rows, shapes), "application/vnd.ms-excel.worksheet")
        rid = pack.relate("xl/workbook.bin", "worksheet", f"worksheets/sheet{number}.bin")
        bundle += _record(156, struct.pack("<II", state, number) + _wide(rid) + _wide(name))
    pack.add("xl/workbook.bin", _record(131) + _record(143) + bundle + _record(144) + _record(132), MAIN)
    return pack.bytes()
