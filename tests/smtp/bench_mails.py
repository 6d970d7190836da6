"""The message classes of tests/bench: made from a fixed seed, so the same bytes every time."""
import base64
import random
import textwrap

WORDS = ("庁舎 工事 お知らせ 申請 期限 窓口 確認 書類 住民 予定 会議 資料 返信 担当 連絡 変更 "
         "notice office please reply monday report water service meeting schedule").split()

# About as many fields as a mail from outside has on arrival.
HEAD = """Return-Path: <info@sender.example>
Received: from mx2.sender.example (mx2.sender.example [192.0.2.2])
\tby relay.provider.example (Postfix) with ESMTPS id 4F0002; Fri, 20 Nov 2026 09:00:02 +0900 (JST)
Received: from mx1.sender.example (mx1.sender.example [192.0.2.1])
\tby mx2.sender.example (Postfix) with ESMTPS id 4F0001; Fri, 20 Nov 2026 09:00:01 +0900 (JST)
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.example; s=s1;
\th=From:To:Subject:Date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=c2lnbmF0dXJl
Authentication-Results: relay.provider.example; spf=pass smtp.mailfrom=info@sender.example
X-Mailer: Sample Mailer 1.0
X-Originating-IP: [192.0.2.77]
List-Unsubscribe: <https://sender.example/unsubscribe?id=1>
From: =?UTF-8?B?5bGx55Sw5aSq6YOO?= <info@sender.example>
To: soumu@city.example.lg.jp
Subject: =?ISO-2022-JP?B?GyRCO31FRCRHJDkbKEI=?=
Date: Fri, 20 Nov 2026 09:00:00 +0900
Message-ID: <bench@sender.example>
In-Reply-To: <previous@sender.example>
References: <first@sender.example> <previous@sender.example>
MIME-Version: 1.0
"""


def base64_lines(data):
    return "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76)) + "\n"


def words(rng, size):
    """About size bytes of Japanese and English text."""
    out, length = [], 0
    while length < size:
        line = " ".join(rng.choice(WORDS) for _ in range(10))
        out.append(line)
        length += len(line.encode()) + 1
    return "\n".join(out) + "\n"


def text_part(text):
    return ("Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
            + base64_lines(text.encode()))


def html_part(rng, size):
    rows, length = ["<html><head><style>td{color:#333}</style></head><body><table>"], 0
    while length < size:
        row = (f'<tr><td class="c{length}"><a href="https://sender.example/t?id={rng.randrange(10**9)}">'
               f'{words(rng, 120)}</a><img src="cid:i{length}" width="1"></td></tr>')
        rows.append(row)
        length += len(row.encode()) + 1
    page = "\n".join(rows + ["</table></body></html>"])
    return ("Content-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\n"
            + base64_lines(page.encode()))


def multipart(kind, parts):
    body = "".join(f"--limit\n{part}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="limit"\n\n{body}--limit--\n'


def attachment(rng, size):
    return ('Content-Type: application/pdf; name="report.pdf"\n'
            'Content-Disposition: attachment; filename="report.pdf"\nContent-Transfer-Encoding: base64\n\n'
            + base64_lines(rng.randbytes(size)))


def make(name):
    rng = random.Random(name)
    bodies = {
        "text1k": lambda: text_part(words(rng, 1000)),
        "text10k": lambda: text_part(words(rng, 10_000)),
        "html50k": lambda: multipart("alternative", [text_part(words(rng, 4000)), html_part(rng, 50_000)]),
        "att1m": lambda: multipart("mixed", [text_part(words(rng, 1500)), attachment(rng, 775_000)]),
    }
    return (HEAD + bodies[name]()).encode()


CLASSES = ("text1k", "text10k", "html50k", "att1m")
