"""A terminal, or a pipe: lines of Japanese text in its width, and nothing that a terminal would obey.

All that is shown passes Screen.line(), and there safe(). Colours only on a terminal, and not with NO_COLOR.
"""
import os
import re
import shutil
import sys
import unicodedata

NARROWEST, WIDEST = 60, 120
# What a Japanese line must not begin with, and what it must not end with.
NOT_FIRST = "、。，．・：；？！」』】）〉》〕］｝ゝゞ々ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ)]}!?,.:;…"
NOT_LAST = "「『【（〈《〔［｛([{"


def safe(text):
    """Controls, bidi and invisible characters are spelt out."""
    out = []
    for char in text.replace("\t", "    "):
        bad = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        out.append(f"‹{ord(char):04X}›" if bad else char)
    return "".join(out)


def width(text):
    """Columns. What some terminals show in one column and others in two (UAX 11, ambiguous) counts as two."""
    columns = 0
    for char in text:
        if unicodedata.category(char) not in ("Mn", "Me"):
            columns += 2 if unicodedata.east_asian_width(char) in "WFA" else 1
    return columns


def cut(text, columns):
    """(what fits, the rest) of a word too long for its line; if it can be, after a mark as addresses have them."""
    end, used = 1, width(text[:1])
    while end < len(text) and used + width(text[end]) <= columns:
        used += width(text[end])
        end += 1
    marks = [number for number in range(max(1, end - 24), end + 1) if text[number - 1] in "/.?&=_-,;>"]
    if end < len(text) and marks:
        end = marks[-1]
    return text[:end], text[end:]


def unbreakable(text):
    """Words of ASCII, single characters of other scripts, each with what must not be parted from it."""
    units = []
    for unit in re.findall(r"[!-~]+| +|.", text, re.S):
        joined = units and not units[-1].isspace() and not unit.isspace() and (
            unit[0] in NOT_FIRST or units[-1][-1] in NOT_LAST or unicodedata.combining(unit[0]))
        if joined:
            units[-1] += unit
        else:
            units.append(unit)
    return units


def wrap(text, columns):
    """Lines of at most so many columns; broken between words, or inside of a word that fits no line."""
    lines, line = [], ""
    for unit in unbreakable(text):
        too_long = width(unit) > columns and width(line) < columns // 2
        if width(line + unit) > columns and line.strip() and not too_long:
            lines.append(line.rstrip())
            line, unit = "", unit.lstrip()
        while width(line + unit) > columns:
            piece, unit = cut(unit, columns - width(line))
            lines.append(line + piece)
            line = ""
        line += unit
    return lines + [line.rstrip()] if line.strip() or not lines else lines


def pad(text, columns, right=False):
    space = " " * max(0, columns - width(text))
    return space + text if right else text + space


class Screen:
    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.out.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        self.colours = self.out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.columns = max(NARROWEST, min(shutil.get_terminal_size((80, 24)).columns, WIDEST))

    def line(self, *pieces):
        """Each piece is a text, or a (colour, text)."""
        shown = []
        for piece in pieces:
            colour, text = piece if isinstance(piece, tuple) else ("", piece)
            text = safe(text)
            shown.append(f"\x1b[{colour}m{text}\x1b[0m" if colour and self.colours else text)
        print("".join(shown).rstrip(), file=self.out)

    def paragraph(self, text, first="", rest="", colour="", edge=""):
        """Wrapped; `first` stands before its first line, `rest` before the others, both in the colour `edge`."""
        for number, line in enumerate(wrap(safe(text), self.columns - max(width(first), width(rest)))):
            self.line((edge, rest if number else first), (colour, line))

    def heading(self, text):
        self.line()
        self.paragraph(text, "━━ ", "   ", "1;36", "1;36")

    def box(self, title, lines, edge):
        """Each line is a text, or a (colour, text)."""
        self.paragraph(title, " ┌─ ", " │  ", edge, edge)
        for line in lines:
            colour, text = line if isinstance(line, tuple) else ("", line)
            self.paragraph(text, " │ ", " │ ", colour, edge)
        self.line((edge, " └─"))

    def verdict(self, good, text):
        self.paragraph(text, "  ✓ " if good else "  ✗ ", "    ", "" if good else "1;31", "32" if good else "1;31")

    def table(self, columns, rows):
        """columns: (title, numbers?) each; the last one takes the width that is left, and is wrapped."""
        widths = [max(width(row[i]) for row in [[title for title, _ in columns], *rows])
                  for i in range(len(columns) - 1)]
        before = sum(widths) + 2 * len(widths)
        for number, row in enumerate([[title for title, _ in columns], *rows]):
            head = "".join(pad(row[i], widths[i], columns[i][1]) + "  " for i in range(len(widths)))
            bold = "" if number else "1"
            self.paragraph(row[-1], head, " " * before, bold, bold)
