"""The table of faults, in columns that stand below each other on a terminal, Japanese or not."""
import os
import sys
import unicodedata

import readable

COLUMNS = (("sent", "送信"), ("originals", "原本"), ("delivered", "本文"), ("notices", "通知のみ"), ("alarms", "警報"),
           ("outside", "外部へ"), ("left", "残り"))
NAME, TITLE = 25, 56

LEGEND = """\
送信 = edge が受け取った宛先の数　原本 = インターネット系の受信箱に届いた数　本文・通知のみ = LGWAN に届いた数
警報 = 管理者への知らせ　外部へ = 外の差出人へ送られた数（0 でなければならない）　残り = 終わりにキューに残った数
どの障害でも: LGWAN に届いたものはすべて mugai-verify に合格し、添付の目印を含まない。エラーメールも警報も LGWAN に入らない。
原本は送ったとおりに 1 通ずつ届く。監査記録の鎖は切れない。プロセスは残らない。"""


def width(text):
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in text)


def cut(text, columns):
    kept = ""
    for char in text:
        if width(kept + char) > columns - 1:
            return kept + "…"
        kept += char
    return kept


def pad(text, columns, right=False):
    text = str(text)
    if width(text) > columns:
        text = cut(text, columns)
    blank = " " * (columns - width(text))
    return blank + text if right else text + blank


class Table:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.colours = out.isatty() and not os.environ.get("NO_COLOR")

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def line(self, name, title, cells, seconds, verdict):
        numbers = " ".join(pad(cell, width(head), right=True) for (_, head), cell in zip(COLUMNS, cells))
        print(f"{pad(name, NAME)} {pad(title, TITLE)} {numbers} {pad(seconds, 5, right=True)} {verdict}",
              file=self.out, flush=True)

    def head(self):
        self.line("障害", "何が起きたか", [head for _, head in COLUMNS], "秒", "判定")
        print("─" * (NAME + TITLE + 2 + sum(width(head) + 1 for _, head in COLUMNS) + 11), file=self.out, flush=True)

    def row(self, row, title):
        verdict = self.paint("1;31", "✗ 不合格") if row.failure else self.paint("32", "✓ 合格")
        self.line(row.name, title, [getattr(row, key) for key, _ in COLUMNS], f"{row.seconds:.1f}", verdict)
        for note in row.notes:
            print(f"  {self.paint('2', '・' + note)}", file=self.out, flush=True)
        if row.failure:
            print(f"  {self.paint('31', '→ ' + row.failure)}", file=self.out, flush=True)
        for line in row.log:
            print(f"      {readable.safe(line)[:300]}", file=self.out, flush=True)
