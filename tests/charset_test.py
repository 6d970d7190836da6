#!/usr/bin/env -S python3 -B
"""charset_test.py BUILD_DIRECTORY: whole character sets, written by the codecs of Python, read by ours.

Python's codecs share nothing with the tables under test, which come from glibc. A test encodes every character of its
set, a row of 94 a line, and wants each line back without a replaced place and under its own name. The signs of which
JIS, Unicode and Windows have their own view are expected as Windows has them.
"""
import subprocess
import sys
from pathlib import Path

BUILD = Path(sys.argv[1])
CELLS = range(1, 95)
WINDOWS_SIGNS = str.maketrans("\u301c\u2016\u2212\u00a2\u00a3\u00ac\u2014\u2985\u2986",
                              "\uff5e\u2225\uff0d\uffe0\uffe1\uffe2\u2015\uff5f\uff60")
WINDOWS_0212 = str.maketrans("\u00a6", "\uffe4")  # a Latin sign in JIS X 0213, of full width here
ESCAPE_END = b"\x1b(B"


def read_lines(encoded):
    """[(label, bytes)] -> [(used, replaced, text)]"""
    lines = "".join(f"{label} {data.hex()}\n" for label, data in encoded)
    done = subprocess.run([BUILD / "tests" / "charset_lines"], input=lines, capture_output=True, text=True, check=True)
    answers = [line.split(" ") for line in done.stdout.splitlines()]
    return [(used, int(replaced), bytes.fromhex(text).decode()) for used, replaced, text in answers]


def decoded(data, codec):
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def encoded(text, codec):
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return None


# ---- the sets: lists of rows, a row being a list of characters ---------------------------------------------------

def row_of(codes, codec):
    return [text for text in (decoded(code, codec) for code in codes) if text is not None]


def euc_rows(codec, prefix=b"", rows=CELLS):
    found = [row_of([prefix + bytes([0xa0 + row, 0xa0 + cell]) for cell in CELLS], codec) for row in rows]
    return [row for row in found if row]


def sjis_code(row, cell):
    lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xc0)
    trail = cell + 0x9e if row % 2 == 0 else cell + 0x3f + (cell >= 64)
    return bytes([lead, trail])


def cp932_places(rows):
    """[[(cell, character)]] of rows of NEC and IBM, which no codec of Python has but cp932."""
    for row in rows:
        cells = ((cell, decoded(sjis_code(row, cell), "cp932")) for cell in CELLS)
        yield row, [(cell, text) for cell, text in cells if text is not None]


X_0208 = euc_rows("euc_jp")
X_0212 = euc_rows("euc_jp", b"\x8f")
# euc_jis_2004 of Python reads JIS X 0212 as well, in the rows that plane 2 has not
PLANE_2 = (1, *range(3, 6), 8, *range(12, 16), *range(78, 95))
X_0213 = euc_rows("euc_jis_2004") + euc_rows("euc_jis_2004", b"\x8f", PLANE_2)
HALF_KANA = "".join(map(chr, range(0xff61, 0xffa0)))
BMP = [[chr(code) for code in range(start, start + 94) if not 0xd800 <= code < 0xe000 and code != 0xfeff]
       for start in range(0xa1, 0xffff - 94, 94)]


# ---- whole sets through codecs -----------------------------------------------------------------------------------

# name, rows, codec, label, how many characters, the name it must be read under. Python reads the full-width tilde and
# backslash from two places in JIS X 0213, and writes them to none in some codecs: there the count is less than 11,233.
CODECS = (
    ("X 0208 in ISO-2022-JP", X_0208, "iso2022_jp", "iso-2022-jp", 6879, "iso-2022-jp"),
    ("X 0208 in ISO-2022-JP without a label", X_0208, "iso2022_jp", "-", 6879, "iso-2022-jp"),
    ("X 0208 in EUC", X_0208, "euc_jp", "euc-jp", 6879, "euc-jp"),
    ("X 0208 in Shift_JIS", X_0208, "shift_jis", "shift_jis", 6879, "shift_jis"),
    ("X 0208 in CP932", X_0208, "cp932", "cp932", 6879, "shift_jis"),
    ("X 0208 in UTF-8", X_0208, "utf-8", "utf-8", 6879, "utf-8"),
    ("X 0208 in UTF-16", X_0208, "utf-16", "utf-16", 6879, "utf-16le"),
    ("X 0208 in UTF-7", X_0208, "utf-7", "utf-7", 6879, "utf-7"),
    ("X 0212 in ISO-2022-JP-1", X_0212, "iso2022_jp_1", "iso-2022-jp-1", 6067, "iso-2022-jp"),
    ("X 0212 in EUC", X_0212, "euc_jp", "euc-jp", 6067, "euc-jp"),
    ("X 0213 in ISO-2022-JP-2004", X_0213, "iso2022_jp_2004", "iso-2022-jp-2004", 11232, "iso-2022-jp"),
    ("X 0213 in EUC-JIS-2004", X_0213, "euc_jis_2004", "euc-jis-2004", 11233, "euc-jis-2004"),
    ("X 0213 in Shift_JIS-2004", X_0213, "shift_jis_2004", "shift_jis-2004", 11231, "shift_jis-2004"),
)


def check_rows(name, lines, used):
    """lines: [(label, bytes, text)]"""
    answers = read_lines([(label, data) for label, data, _ in lines])
    for (label, data, text), answer in zip(lines, answers, strict=True):
        assert answer == (used, 0, text), f"{name}: {data[:24].hex()}...: {answer} instead of {text!r}"


def as_read(text, codec):
    """Unicode is what it is; elsewhere the signs are those of Windows."""
    if codec.startswith("utf"):
        return text
    return text.translate(WINDOWS_SIGNS if "2004" in codec else WINDOWS_SIGNS | WINDOWS_0212)


def check_codec(name, rows, codec, label, count, used):
    lines, characters = [], 0
    for row in rows:
        row = [text for text in row if encoded(text, codec) is not None]
        characters += len(row)
        text = "".join(row)
        if row:
            lines.append((label, text.encode(codec), as_read(text, codec)))
    assert characters == count, f"{name}: {characters} characters"
    check_rows(name, lines, used)
    return characters


# ---- NEC and IBM -------------------------------------------------------------------------------------------------

def in_jis(row, cells):
    return b"\x1b$B" + b"".join(bytes([0x20 + row, 0x20 + cell]) for cell in cells) + ESCAPE_END


def in_sjis(row, cells):
    return b"".join(sjis_code(row, cell) for cell in cells)


def in_euc(row, cells):
    return b"".join(bytes([0xa0 + row, 0xa0 + cell]) for cell in cells)


NEC_AND_IBM = (13, 89, 90, 91, 92)
IBM = (115, 116, 117, 118, 119)
# name, rows, writer, label, how many characters, the name it must be read under
VENDOR = (
    ("NEC and IBM in ISO-2022-JP", NEC_AND_IBM, in_jis, "iso-2022-jp", 83 + 374, "iso-2022-jp"),
    ("NEC and IBM in CP932", NEC_AND_IBM, in_sjis, "shift_jis", 83 + 374, "shift_jis"),
    ("NEC and IBM in EUC", NEC_AND_IBM, in_euc, "euc-jp", 83 + 374, "euc-jp"),
    ("IBM of Windows in CP932", IBM, in_sjis, "windows-31j", 388, "shift_jis"),
)


def check_vendor(name, rows, write, label, count, used):
    lines, characters = [], 0
    for row, places in cp932_places(rows):
        text = "".join(character for _, character in places)
        characters += len(text)
        lines.append((label, write(row, [cell for cell, _ in places]), text))
    assert characters == count, f"{name}: {characters} characters"
    check_rows(name, lines, used)
    return characters


def check_ibm_in_euc_ms():
    """EUC-JP-MS has them behind 8F; the encoder is that of glibc, which is asked for every one of them."""
    text = "".join(character for _, places in cp932_places(IBM) for _, character in places)
    data = subprocess.run(["iconv", "-f", "UTF-8", "-t", "EUC-JP-MS"], input=text.encode(), capture_output=True,
                          check=True).stdout
    check_rows("IBM in EUC-JP-MS", [("eucjp-ms", data, text)], "euc-jp")
    return len(text)


# ---- half-width kana in four ways, and two more ------------------------------------------------------------------

def check_half_kana():
    high = bytes(range(0xa1, 0xe0))
    low = bytes(range(0x21, 0x60))
    kanji = "\u65e5" + HALF_KANA
    check_rows("half-width kana in JIS", [
        ("iso-2022-jp", b"\x1b(I" + low + ESCAPE_END, HALF_KANA),
        ("iso-2022-jp", b"\x0e" + low + b"\x0f", HALF_KANA),
        ("iso-2022-jp", b"\x1b)I\x0e" + low + b"\x0f", HALF_KANA),
        ("iso-2022-jp", b"\x1b$BF|" + ESCAPE_END + high, kanji),
        ("iso-2022-jp", b"\x1b$BF|" + high + ESCAPE_END, kanji),
        ("iso-2022-jp", b"\x1b$BF|\x0e" + low + b"\x0f" + ESCAPE_END, kanji),
    ], "iso-2022-jp")
    check_rows("half-width kana in Shift_JIS", [("shift_jis", high, HALF_KANA)], "shift_jis")
    check_rows("half-width kana in EUC", [("euc-jp", HALF_KANA.encode("euc_jp"), HALF_KANA)], "euc-jp")
    return len(HALF_KANA)


# ---- the rest of the world ---------------------------------------------------------------------------------------

# label, codec, the name it must be read under, characters of which Python has another view
WORLD = (
    ("utf-8", "utf-8", "utf-8", ""),
    ("utf-32le", "utf-32le", "utf-32le", ""), ("utf-32be", "utf-32be", "utf-32be", ""),
    ("gb2312", "gb2312", "gb18030", "\u2015\u30fb"),  # as the larger sets have them
    ("gbk", "gbk", "gb18030", ""), ("big5", "big5hkscs", "big5", ""), ("euc-kr", "euc_kr", "euc-kr", ""),
    ("ks_c_5601-1987", "cp949", "euc-kr", ""), ("iso-2022-kr", "iso2022_kr", "iso-2022-kr", ""),
    ("hz-gb-2312", "hz", "hz-gb-2312", "\u2015\u30fb"),
    *((f"iso-8859-{n}", f"iso8859_{n}", f"iso-8859-{n}", "") for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
    ("iso-8859-1", "latin1", "windows-1252", ""), ("iso-8859-9", "iso8859_9", "windows-1254", ""),
    ("iso-8859-11", "iso8859_11", "windows-874", ""),
    *((f"windows-{n}", f"cp{n}", f"windows-{n}", "") for n in (874, *range(1250, 1259))),
    ("koi8-r", "koi8_r", "koi8-r", ""), ("koi8-u", "koi8_u", "koi8-u", ""), ("ibm866", "cp866", "ibm866", ""),
    ("macintosh", "mac_roman", "macintosh", "\u2206\uf8ff"),  # the Greek letter; private use
)
# The same for sets in which one character alone may well be something else: by rows, UTF-16 with its mark.
WORLD_ROWS = (
    ("gb18030", "gb18030", "gb18030", ""), ("ibm037", "cp037", "ibm037", ""), ("ibm500", "cp500", "ibm500", ""),
    ("ibm1140", "cp1140", "ibm1140", ""), ("utf-16", "utf-16le", "utf-16le", "\ufeff"),
    ("utf-16", "utf-16be", "utf-16be", "\ufeff"),
)


def is_new_to_gb18030(character):
    """Python has GB 18030 of 2000; later editions moved these."""
    return character == "\u1e3f" or "\u9fb4" <= character <= "\u9fbb" or "\ue000" <= character <= "\uf8ff" \
        or "\ufe10" <= character <= "\ufe19"


def check_world(label, codec, used, apart):
    """Character by character. Python writes what KS X 1001 lacks as four letters: those are left out."""
    lines = [(label, data, character) for row in BMP for character in row
             if character not in apart and (data := encoded(character, codec)) is not None
             and not (codec == "euc_kr" and len(data) > 2)]
    wrong = [(data.hex(), text, answer) for (_, data, text), answer
             in zip(lines, read_lines([line[:2] for line in lines]), strict=True) if answer != (used, 0, text)]
    assert not wrong, f"{label}: {len(wrong)} of {len(lines)}: {wrong[:8]}"
    return len(lines)


def check_world_rows(label, codec, used, mark):
    characters, lines = 0, []
    for row in BMP:
        text = "".join(character for character in row if encoded(character, codec) is not None
                       and not (codec == "gb18030" and is_new_to_gb18030(character)))
        characters += len(text)
        if text:
            lines.append((label, (mark + text).encode(codec), text))
    check_rows(label, lines, used)
    return characters


def run(name, check, *arguments):
    try:
        print(f"ok: {name}, {check(*arguments)} characters")
        return True
    except AssertionError as error:
        print(f"not ok: {error}")
        return False


def main():
    outcomes = [run(row[0], check_codec, *row) for row in CODECS]
    outcomes += [run(row[0], check_vendor, *row) for row in VENDOR]
    outcomes += [run("IBM in EUC-JP-MS", check_ibm_in_euc_ms), run("half-width kana", check_half_kana)]
    outcomes += [run(row[0], check_world, *row) for row in WORLD]
    outcomes += [run(row[0], check_world_rows, *row) for row in WORLD_ROWS]
    print(f"{sum(outcomes)} of {len(outcomes)} sets")
    sys.exit(not all(outcomes))


if __name__ == "__main__":
    main()
