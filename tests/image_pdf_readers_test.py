#!/usr/bin/env -S python3 -B
"""image_pdf_readers_test.py SAMPLES: do other programs read our image PDFs as they are meant?

SAMPLES (image_pdf_samples) draws pages and writes them. qpdf must find nothing wrong, poppler must draw the pixels that
were drawn, find the very characters, and mark each word where it is printed.
"""
import collections
import html
import math
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

NAMES = ("letter", "vertical", "table", "photograph", "fax", "many", "blank", "gray-table", "gray-photograph", "all")
DPI = 150
PSNR = {"photograph": 38, "gray-photograph": 38, "all": 38, "fax": math.inf, "blank": math.inf}
LEAST_PSNR = 43  # of pages whose rare colours were snapped
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word>')


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode} {done.stderr}{done.stdout}")
    return done.stdout


def ppm(path):
    data = Path(path).read_bytes()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    return int(head[1]), int(head[2]), data[head.end():]


def luminance(pixels):
    gray = bytes((77 * r + 150 * g + 29 * b + 128) >> 8
                 for r, g, b in zip(pixels[0::3], pixels[1::3], pixels[2::3]))
    return bytes(value for value in gray for _ in range(3))


def psnr(one, other):
    counts = collections.Counter(a - b for a, b in zip(one, other) if a != b)
    squares = sum(difference * difference * count for difference, count in counts.items())
    return math.inf if squares == 0 else 10 * math.log10(255 * 255 * len(one) / squares)


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.scratch.name)
        subprocess.run([SAMPLES, cls.scratch.name], check=True, timeout=120)
        cls.runs = {name: [line.split("\t") for line in (cls.folder / f"{name}.tsv").read_text().splitlines()]
                    for name in NAMES}

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def pdf(self, name):
        return self.folder / f"{name}.pdf"

    def test_qpdf_finds_nothing_wrong(self):
        for name in NAMES:
            with self.subTest(name):
                self.assertIn("No syntax or stream encoding errors found", output("qpdf", "--check", self.pdf(name)))

    def test_characters(self):
        for name in NAMES:
            with self.subTest(name):
                text = output("pdftotext", "-enc", "UTF-8", self.pdf(name), "-")
                found = collections.Counter("".join(text.split()))
                wanted = collections.Counter("".join("".join(run[6] for run in self.runs[name]).split()))
                self.assertEqual(found, wanted)

    def test_order(self):
        for name in ("letter", "fax", "many"):
            with self.subTest(name):
                text = "".join(output("pdftotext", "-raw", self.pdf(name), "-").split())
                self.assertEqual(text, "".join(run[6] for run in self.runs[name]))

    def test_words_are_marked_where_they_are_printed(self):
        """Each word of poppler lies on the run that it is of, within two pixels."""
        for name in ("letter", "table", "photograph"):
            with self.subTest(name):
                boxes = WORD.findall(output("pdftotext", "-bbox", self.pdf(name), "-"))
                self.assertGreaterEqual(len(boxes), len(self.runs[name]) * 0.9)
                for *corners, text in boxes:
                    self.assert_on_a_run(name, [float(corner) * DPI / 72 for corner in corners], html.unescape(text))

    def assert_on_a_run(self, name, box, text):
        for _, x, y, w, h, _, run in self.runs[name]:
            x, y, w, h = (int(value) / 64 for value in (x, y, w, h))
            wanted = (x, y, x + w, y + h)
            if text == run and all(abs(a - b) <= 2 for a, b in zip(box, wanted)):
                return
        self.fail(f"{name}: {text!r} at {box} is on no run")

    def test_pixels(self):
        for name in NAMES:
            output("pdftoppm", "-r", str(DPI), self.pdf(name), self.folder / f"{name}-drawn")
            for drawn in sorted(self.folder.glob(f"{name}-drawn-*.ppm")):
                page = int(drawn.stem.rpartition("-")[2])
                with self.subTest(name, page=page):
                    width, height, found = ppm(drawn)
                    wanted_width, wanted_height, wanted = ppm(self.folder / f"{name}-{page}.ppm")
                    self.assertEqual((width, height), (wanted_width, wanted_height))
                    wanted = luminance(wanted) if name.startswith("gray-") else wanted
                    self.assertGreaterEqual(psnr(found, wanted), PSNR.get(name, LEAST_PSNR))

    def test_every_page_is_there(self):
        self.assertIn("Pages:           6", output("pdfinfo", self.pdf("all")))
        self.assertEqual(output("qpdf", "--show-npages", self.pdf("many")).strip(), "1")


if __name__ == "__main__":
    SAMPLES = sys.argv.pop()
    unittest.main()
