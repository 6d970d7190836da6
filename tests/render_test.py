#!/usr/bin/python3 -B
"""render_test.py BIN: each format through `mugai render`, and what came out looked at by other programs.

BIN holds mugai and its workers. Prints a table, format by format: rendered (pages), text right (characters that pdftotext
finds, against those of the source), picture right (the page as PNG by pdftoppm, against the picture that was drawn or, for
texts, ink under every word and nowhere else), page box right, same bytes again, and what becomes of the file cut short and
of one that claims to be huge. With MUGAI_KEEP=DIRECTORY the pages are kept there as PNG, to be looked at. Needs python3-pil
of Debian, qpdf and poppler-utils; pictures that Pillow cannot write stand in tests/render.
"""
import collections
import html
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageStat

HERE = Path(__file__).resolve().parent
FAR = 8.0  # mean difference of all channels, of 255: what JPEG's chroma costs at the edges of 120x80 pixels
DPI = 150
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word>')
TEXT = ("令和八年度 市議会定例会のお知らせ\n\n日時: 十二月一日（火曜日）午前十時から\n"
        "場所: 市役所 三階 会議室\n表示能力、ソフト、十進法\nPlain words, numbers 0123456789.\n")
ROWS = (("番号", "氏名", "住所"), ("1", "山田 太郎", "東京都千代田区"), ("2", "鈴木 花子", "大阪府大阪市"),
        ("3", "Smith", "a, b"))
NONE = "該当なし"
HALF_PIXEL = 0.25  # pt


# ---- what is drawn ------------------------------------------------------------------------------------

def picture():
    """Each corner another colour, so that one turned or mirrored is far from it."""
    image = Image.new("RGB", (120, 80), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 59, 39), fill=(200, 30, 30))
    draw.rectangle((60, 0, 119, 39), fill=(30, 160, 60))
    draw.rectangle((0, 40, 59, 79), fill=(40, 60, 190))
    draw.ellipse((70, 46, 110, 74), fill=(240, 200, 40))
    draw.rectangle((8, 8, 30, 14), fill=(0, 0, 0))
    return image


def saved(kind, image=None, **options):
    stream = io.BytesIO()
    (image or picture()).save(stream, kind, **options)
    return stream.getvalue()


def two_pages():
    return saved("TIFF", save_all=True, append_images=[picture().rotate(180)], compression="tiff_lzw", dpi=(200, 200))


SVG = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80">
<rect width="60" height="40" fill="rgb(200,30,30)"/><rect x="60" width="60" height="40" fill="rgb(30,160,60)"/>
<rect y="40" width="60" height="40" fill="rgb(40,60,190)"/>
<ellipse cx="90.5" cy="60.5" rx="20.5" ry="14.5" fill="rgb(240,200,40)"/>
<rect x="8" y="8" width="23" height="7"/>
</svg>
"""


def pdf_of(objects, trailer=b""):
    """Objects from 1 on, the first the catalog, as a file with its table of contents."""
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table)
    return bytes(out)


def document(box=b"0 0 420 300"):
    """A page with Latin and Japanese letters, and a picture of coloured areas."""
    page = (b"BT /L 20 Tf 40 250 Td (Minutes of the council, 2026) Tj ET\n"
            b"BT /J 18 Tf 40 210 Td <" + "市議会の議事録、令和八年".encode("utf-16-be").hex().encode() + b"> Tj ET\n"
            b"0.8 0.1 0.1 rg 40 40 120 120 re f 0.1 0.2 0.8 rg 260 40 120 60 re f\n")
    return pdf_of((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]/Contents 4 0 R/Resources<</Font<</L 5 0 R/J 6 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/UniJIS-UCS2-H/DescendantFonts[7 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 8 0 R>>",
        b"<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 700/StemV 80>>"))


def table(comma):
    def cell(text):
        return f'"{text}"' if comma in text else text
    return "".join(comma.join(map(cell, row)) + "\r\n" for row in ROWS)


# ---- files that claim to be huge ----------------------------------------------------------------------

def huge_png(data):
    head = b"IHDR" + struct.pack(">II", 60000, 60000) + data[24:29]
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def huge_jpeg(data):
    at = data.index(b"\xff\xc0")
    return data[:at + 5] + struct.pack(">HH", 65000, 65000) + data[at + 9:]


def huge_gif(data):
    at = data.index(b"\x2c\0\0\0\0")
    return data[:6] + struct.pack("<HH", 65000, 65000) + data[10:at + 5] + struct.pack("<HH", 65000, 65000) + data[at + 9:]


def huge_bmp(data):
    return data[:18] + struct.pack("<ii", 90000, 90000) + data[26:]


def huge_tiff(data):
    """Width and length of each directory."""
    at = struct.unpack_from("<I", data, 4)[0]
    out = bytearray(data)
    while at:
        count = struct.unpack_from("<H", out, at)[0]
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            if struct.unpack_from("<H", out, entry)[0] in (0x100, 0x101):
                struct.pack_into("<HII", out, entry + 2, 4, 1, 90000)
        at = struct.unpack_from("<I", out, at + 2 + 12 * count)[0]
    return bytes(out)


def huge_webp(data):
    at = data.index(b"\x9d\x01\x2a")
    return data[:at + 3] + struct.pack("<HH", 16383, 16383) + data[at + 7:]


def huge_media(data):
    at = data.index(b"ispe")
    return data[:at + 8] + struct.pack(">II", 60000, 60000) + data[at + 16:]


def huge_jp2(data):
    at = data.index(b"ihdr")
    size = data.index(b"\xff\x51")
    data = data[:at + 4] + struct.pack(">II", 60000, 60000) + data[at + 12:]
    return data[:size + 6] + struct.pack(">II", 60000, 60000) + data[size + 14:]


# ---- one line for each format -------------------------------------------------------------------------

PIXELS = (90.0, 60.0)  # 120x80 of them at 96 an inch, in pt


class Format:
    """text: what pdftotext must find, None for none. pages: pictures that must be seen, None for texts. box: of the first
    page. cut: exit code of the first half of the file. long: a file of which the half has rows. huge: makes one that must be
    refused."""

    def __init__(self, name, file, data, *, text=None, pages=None, box=None, cut=0, long=None, huge=None):
        self.name, self.file, self.data, self.text, self.pages, self.box = name, file, data, text, pages, box
        self.cut, self.long, self.huge = cut, long or data, huge
        self.made = None  # its image PDF


def image(name, file, data, cut, huge, *, pages=None, box=PIXELS, long=None):
    return Format(name, file, data, pages=pages or [picture()], box=box, cut=cut, huge=huge, long=long)


def formats(scratch):
    stored = {name: (HERE / "render" / name).read_bytes() for name in ("picture.heic", "picture.avif")}
    source = document()
    Path(scratch, "source.pdf").write_bytes(source)
    yield Format("PDF", "a.pdf", source, text=pdf_text(Path(scratch, "source.pdf")),
                 pages=pictures(Path(scratch, "source.pdf"), DPI), box=(420.0, 300.0), cut=65)
    yield image("PNG", "a.png", saved("PNG"), 0, huge_png, long=saved("PNG", compress_level=0))
    yield image("JPEG", "a.jpg", saved("JPEG", quality=92), 0, huge_jpeg)
    yield image("GIF", "a.gif", saved("GIF"), 0, huge_gif)
    yield image("BMP", "a.bmp", saved("BMP"), 0, huge_bmp)
    yield image("TIFF (2 pages)", "a.tiff", two_pages(), 0, huge_tiff, pages=[picture(), picture().rotate(180)],
                box=(43.2, 28.8))
    yield image("WebP", "a.webp", saved("WEBP", quality=95), 0, huge_webp)
    yield image("HEIC", "a.heic", stored["picture.heic"], 65, huge_media)
    yield image("AVIF", "a.avif", stored["picture.avif"], 65, huge_media)
    yield image("JPEG 2000", "a.jp2", saved("JPEG2000"), 0, huge_jp2)
    yield image("SVG", "a.svg", SVG, 65, None)
    for name, charset in (("UTF-8", "utf-8"), ("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp"), ("ISO-2022-JP", "iso2022_jp"),
                          ("UTF-16", "utf-16")):
        yield Format(f"text, {name}", "a.txt", TEXT.encode(charset), text=TEXT)
    cells = "".join("".join(row) for row in ROWS)
    yield Format("CSV", "a.csv", table(",").encode("cp932"), text=cells)
    yield Format("TSV", "a.tsv", table("\t").encode(), text=cells)


# ---- looking ------------------------------------------------------------------------------------------

class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def output(*command):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, check=False)
    expect(done.returncode == 0, f"{' '.join(map(str, command))}: {done.returncode} {done.stderr}")
    return done.stdout


def pdf_text(path):
    return output("pdftotext", "-enc", "UTF-8", path, "-")


def pictures(path, dpi):
    """The pages as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        output("pdftoppm", "-png", "-r", dpi, path, f"{folder}/page")
        return [Image.open(io.BytesIO(page.read_bytes())).convert("RGB") for page in sorted(Path(folder).iterdir())]


def boxes(path):
    """Width and height of each page in pt."""
    return [(float(w), float(h)) for w, h in re.findall(r"size: +([\d.]+) x ([\d.]+)", output("pdfinfo", "-l", 99, path))]


def letters(text):
    return collections.Counter("".join(text.split()))


def difference(one, other):
    other = other.resize(one.size, Image.BOX) if one.size != other.size else other
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def words(path):
    """(page, box in pixels, text) of each word."""
    for number, page in enumerate(output("pdftotext", "-bbox", path, "-").split("<page ")[1:]):
        for *corners, text in WORD.findall(page):
            yield number, [float(corner) * DPI / 72 for corner in corners], html.unescape(text)


def look_at_words(path, table_lines):
    """Ink under every word, and (but for the lines of a table) nowhere else. How many words there are."""
    pages = [page.convert("L") for page in pictures(path, DPI)]
    found = list(words(path))
    for number, box, text in found:
        low, high = pages[number].crop([round(side) for side in box]).getextrema()
        expect(high - low > 100, f"no ink under {text!r}")
    if table_lines:
        return len(found)
    for number, box, _ in found:
        pages[number].paste(255, [round(side) + more for side, more in zip(box, (-3, -3, 3, 3))])
    for page in pages:
        expect(page.getextrema()[0] > 100, f"ink where no word is: {ImageChops.invert(page).getbbox()}")
    return len(found)


# ---- the program --------------------------------------------------------------------------------------

class Bench:
    """Where `mugai render` is run."""

    def __init__(self, mugai, folder):
        self.mugai, self.folder = mugai, folder

    def run(self, *given, data=b""):
        done = subprocess.run([self.mugai, "render", *map(str, given)], cwd=self.folder, input=data, capture_output=True,
                              timeout=150, check=False)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()

    def draw(self, name, data, *options):
        """The image PDF of a file, or what it says."""
        (self.folder / name).write_bytes(data)
        out = self.folder / "out.pdf"
        out.unlink(missing_ok=True)
        code, stdout, err = self.run(*options, "-o", out, name)
        expect(stdout == b"", "something on standard output")
        expect((code == 0) == out.exists(), f"exit {code}, and out.pdf is {'' if out.exists() else 'not '}there")
        return code, err, out

    def refused(self, name, data, why=""):
        """Exit code 65, and a reason in words."""
        code, err, _ = self.draw(name, data)
        expect(code == 65, f"{name}: exit {code}: {err}")
        expect(len(err) > len(name) + 10 and why in err, f"no reason: {err!r}")
        return err.rpartition(": ")[2]


def check_text(given, out):
    if given.text is None:
        expect(pdf_text(out).strip() == "", "text out of a picture")
        return "文字なし"
    missing, more = letters(given.text) - letters(pdf_text(out)), letters(pdf_text(out)) - letters(given.text)
    expect(not missing and not more, f"lost {dict(missing)}, not in the source {dict(more)}")
    return f"一致 ({letters(given.text).total()})"


def check_picture(given, out):
    keep = os.environ.get("MUGAI_KEEP")
    if keep:
        for number, page in enumerate(pictures(out, DPI), 1):
            page.save(Path(keep) / f"{re.sub('[^A-Za-z0-9]+', '-', given.name)}-{number}.png")
    if given.pages is None:
        return f"{look_at_words(out, given.name in ('CSV', 'TSV'))} words on ink"
    inch = given.pages[0].width / given.box[0] * 72
    drawn = pictures(out, round(inch))
    expect(len(drawn) == len(given.pages), f"{len(drawn)} pages, not {len(given.pages)}")
    far = max(difference(wanted, page) for wanted, page in zip(given.pages, drawn))
    expect(far <= FAR, f"pictures are {far:.1f} of 255 apart")
    return f"{far:.2f} apart"


def check_box(given, out):
    found = boxes(out)
    wanted = given.box
    if wanted is None:
        expect(all({round(side) for side in box} == {595, 842} for box in found), f"not A4: {found}")
        return "A4"
    expect(all(abs(a - b) < HALF_PIXEL for box in found for a, b in zip(box, wanted)), f"{found}, not {wanted}")
    return f"{wanted[0]:g}x{wanted[1]:g} pt"


def check_cut(bench, given):
    """The first half of the file, and (but of texts, which are texts) its first bytes."""
    code, err, _ = bench.draw("cut-" + given.file, given.long[:len(given.long) // 2])
    expect(code == given.cut, f"the first half: exit {code}: {err}")
    if given.box is not None and given.name != "SVG":
        bench.refused("head-" + given.file, given.data[:20])
    expect(code != 0 or given.box is None or "as far as" in err, f"it is not said that a part is missing: {err}")
    return "drawn as far as it goes" if code == 0 else err.rpartition(": ")[2]


def check_format(bench, given):
    """The cells of its line."""
    code, err, out = bench.draw(given.file, given.data)
    expect(code == 0, f"exit {code}: {err}")
    given.made = out.read_bytes()
    expect("No syntax or stream encoding errors found" in output("qpdf", "--check", out), "qpdf finds errors")
    yield f"yes, {len(boxes(out))}"
    yield check_text(given, out)
    yield check_picture(given, out)
    yield check_box(given, out)
    expect(bench.draw(given.file, given.data)[2].read_bytes() == given.made, "other bytes the second time")
    yield "yes"
    yield check_cut(bench, given)
    yield bench.refused("huge-" + given.file, given.huge(given.data)) if given.huge else NONE


HEAD = ("format", "rendered", "text right", "page as PNG", "page box", "same again", "first half", "huge")


def width(text):
    return sum(2 if ord(char) > 0x2e7f else 1 for char in text)


def print_table(lines):
    columns = [max(width(line[at]) for line in lines) for at in range(len(HEAD))]
    for line in lines:
        print("  ".join(cell + " " * (most - width(cell)) for cell, most in zip(line, columns)).rstrip())


# ---- other input, and options -------------------------------------------------------------------------

def check_bad_input(bench):
    for words_given, data, code, why in (
            (["none.pdf"], b"", 66, "none.pdf"), (["."], b"", 66, "directory"), (["empty"], b"", 66, "empty"),
            ([], b"", 66, "empty"),
            ([], b"\x7fELF\x02\x01\0\0\0\0\0\0\0\0\x3e\0\1\0\0\0" * 20, 65, "no document"),
            ([], b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40" * 20, 65, "no document")):
        (bench.folder / "empty").write_bytes(b"")
        out = bench.folder / "bad.pdf"
        ended, stdout, err = bench.run("-o", out, *words_given, data=data)
        expect(ended == code and why in err and stdout == b"", f"{words_given}: exit {ended}: {err}")
        expect(not out.exists(), f"{words_given}: a file in spite of an error")


def check_password(bench):
    (bench.folder / "plain.pdf").write_bytes(document())
    output("qpdf", "--encrypt", "user", "owner", 256, "--", bench.folder / "plain.pdf", bench.folder / "locked.pdf")
    bench.refused("locked.pdf", (bench.folder / "locked.pdf").read_bytes(), "password")
    output("qpdf", "--encrypt", "", "owner", 256, "--", bench.folder / "plain.pdf", bench.folder / "open.pdf")
    code, err, out = bench.draw("open.pdf", (bench.folder / "open.pdf").read_bytes())
    expect(code == 0 and "Minutes" in pdf_text(out), f"no password is needed to read it, but exit {code}: {err}")


def check_broken_pdf(bench):
    bench.refused("broken.pdf", b"%PDF-1.7\n" + b"no object in here\n" * 100)
    bench.refused("pages.pdf", pdf_of((b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")))
    code, err, out = bench.draw("cut.pdf", document()[:-200])
    expect(code in (0, 65), f"without its end: exit {code}: {err}")
    code, err, out = bench.draw("poster.pdf", document(b"0 0 14400 14400"))
    expect(code == 0 and "lower resolution" in err, f"a page of 200 inches: exit {code}: {err}")
    expect(boxes(out) == [(14400.0, 14400.0)], f"{boxes(out)}")


def check_huge_picture(bench):
    """Wider than cairo can: poppler leaves it out, and says on standard error what nobody may write there."""
    page = b"q 400 0 0 280 10 10 cm /P Do Q"
    code, err, _ = bench.draw("wide.pdf", pdf_of((
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 300]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/XObject/Subtype/Image/Width 2000000000/Height 1/ColorSpace/DeviceRGB/BitsPerComponent 8/Length 1>>stream\n0\nendstream")))
    expect(code == 0 and "as far as their data goes: 1" in err, f"a picture that is left out: exit {code}: {err}")
    expect(all(line.startswith("mugai: ") for line in err.splitlines()), f"a library writes: {err}")


def check_options(bench):
    code, stdout, err = bench.run("--help")
    expect(code == 0 and b"usage: mugai render" in stdout and "画像".encode() in stdout, f"--help: exit {code} {err}")
    for given in (["--dpi", "49"], ["--dpi", "301"], ["--dpi", "x"], ["--pages", "0"], ["--pages", "501"], ["--bogus"]):
        code, _, err = bench.run(*given, "-o", "x.pdf", "a.pdf")
        expect(code == 64 and given[-1] in err and not (bench.folder / "x.pdf").exists(), f"{given}: exit {code}: {err}")
    code, _, err = bench.run("a.pdf")
    expect(code == 64 and "-o" in err, f"without -o: exit {code}: {err}")


def check_dpi(bench):
    for dpi in (50, 300):
        _, err, out = bench.draw("a.pdf", document(), "--dpi", dpi)
        found = re.search(r"(\d+) +(\d+) ", output("pdfimages", "-list", out).splitlines()[2].split("image", 1)[1])
        size = tuple(map(int, found.groups()))
        expect(all(abs(a - b * dpi / 72) <= 1 for a, b in zip(size, (420, 300))), f"--dpi {dpi}: {size} {err}")


def check_pages(bench):
    _, err, out = bench.draw("a.tiff", two_pages(), "--pages", 1)
    expect(len(boxes(out)) == 1 and "pages not drawn: 1" in err, f"--pages 1: {err}")


def check_gray(bench):
    _, _, out = bench.draw("a.png", saved("PNG"), "--gray")
    page = pictures(out, 96)[0]
    expect(difference(page, page.convert("L").convert("RGB")) == 0, "--gray: coloured")
    expect(difference(page, picture().convert("L").convert("RGB")) <= FAR, "--gray: another picture")


def check_layer(bench):
    _, _, out = bench.draw("a.txt", TEXT.encode(), "--no-text")
    expect(pdf_text(out).strip() == "", "--no-text: text")
    for name, data, wanted in (("a.txt", TEXT.encode("euc_jp"), TEXT), ("a.pdf", document(), None)):
        wanted = wanted or pdf_text(bench.folder / "source.pdf")
        _, _, out = bench.draw(name, data, "--text", bench.folder / "out.txt")
        told = (bench.folder / "out.txt").read_text(encoding="utf-8")
        expect(letters(told) == letters(wanted) == letters(pdf_text(out)), f"--text {name}: {told!r}")


def check_stream(bench):
    """From standard input, to standard output: the same bytes."""
    _, _, out = bench.draw("a.png", saved("PNG"))
    code, stdout, err = bench.run("-o", "-", "-", data=saved("PNG"))
    expect(code == 0 and stdout == out.read_bytes(), f"exit {code}: {err}")


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="mugai-render.") as scratch:
        bench = Bench(str(Path(sys.argv[1]).resolve() / "mugai"), Path(scratch))
        lines, said, of_charsets = [HEAD], [], set()
        for given in formats(scratch):
            cells = []
            try:
                cells.extend(check_format(bench, given))
                if given.text == TEXT:
                    of_charsets.add(given.made)
                    expect(len(of_charsets) == 1, "not the pages of the other character sets")
            except Failure as failure:
                failed += 1
                said.append(f"not ok {given.name}: {failure}")
            lines.append((given.name, *cells, *["FAILED"] * (len(HEAD) - 1 - len(cells))))
        print_table(lines)
        print("\n".join(said), end="\n" if said else "")
        for check in (check_bad_input, check_password, check_broken_pdf, check_huge_picture, check_options, check_dpi, check_pages,
                      check_gray, check_layer, check_stream):
            try:
                check(bench)
                print(f"ok {check.__name__[len('check_'):]}")
            except Failure as failure:
                failed += 1
                print(f"not ok {check.__name__[len('check_'):]}: {failure}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
