"""The table of faults: one line of figures for each, and below it what happened, in the width of a terminal."""
from screen import Screen, pad, width

COLUMNS = (("sent", "送信"), ("originals", "原本"), ("delivered", "本文"), ("notices", "通知"), ("alarms", "警報"),
           ("outside", "外部"), ("left", "残り"))
NAME, NUMBER, SECONDS = 33, 5, 7

LEGEND = (
    "送信: edge が受け取った宛先の数。原本: インターネット系の受信箱に届いた数。",
    "本文・通知: LGWAN に届いた数（全文、または通知のみ）。警報: 管理者への知らせ。",
    "外部: 外の差出人へ送られた数（常に 0）。残り: 終わりにキューにある数（常に 0）。",
    "どの障害でも確かめること: LGWAN に届いたものはすべて mugai-verify に合格し、添付の目印を含まない。エラーメールも警報も "
    "LGWAN に入らない。原本は送ったとおりに 1 通ずつ届く。監査記録の鎖は切れず、届いたもの、警報になったものはすべて記録にある。"
    "プロセスは残らない。",
)


class Table:
    def __init__(self):
        self.screen = Screen()

    def line(self, name, cells, seconds, verdict):
        numbers = "".join(pad(str(cell), NUMBER, right=True) for cell in cells)
        self.screen.line(pad(name, NAME) + numbers + pad(seconds, SECONDS, right=True) + " ", verdict)

    def head(self):
        self.line("障害", [head for _, head in COLUMNS], "秒", "判定")
        self.screen.line("-" * (NAME + NUMBER * len(COLUMNS) + SECONDS + 1 + width("判定")))

    def row(self, row, title):
        verdict = ("1;31", "NG") if row.failure else ("32", "OK")
        self.line(row.name, [getattr(row, key) for key, _ in COLUMNS], f"{row.seconds:.1f}", verdict)
        self.screen.paragraph(title, "  ", "  ")
        for note in row.notes:
            self.screen.paragraph(note, "  ・", "    ", "2")
        if row.failure:
            for number, line in enumerate(row.failure.splitlines()):
                self.screen.paragraph(line, "    " if number else "  → ", "    ", "31")
        for line in row.log:
            self.screen.paragraph(line, "      ", "      ", "2")

    def end(self, total, failed, seconds):
        self.screen.line()
        for sentence in LEGEND:
            self.screen.paragraph(sentence)
        self.screen.line(("1;31" if failed else "1;32", f"{total} 件の障害、合格 {total - failed}、不合格 {failed}"),
                         f"（{seconds:.0f} 秒）")
