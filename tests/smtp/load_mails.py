"""The mails of tests/load: an ordinary mix from the corpora, and mails that cost a parser as much as they can."""
import base64
import random
import re
from pathlib import Path

from send import crlf

TESTS = Path(__file__).resolve().parent.parent
SHARED = TESTS.parent.parent / "shared" / "corpus"
OWN = TESTS / "corpus"
LARGE = 2_000_000  # bytes; larger mails are a matter of their own

HEAD = (b"From: Citizen <citizen@sender.example>\r\nTo: soumu@city.example.lg.jp\r\nSubject: load\r\n"
        b"Date: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n")


def is_mail(data):
    """Whether its first line is a header field: bare attachments of a corpus are no mail."""
    return re.match(rb"[\x21-\x39\x3b-\x7e]+[ \t]*:", data) is not None


def without_loops(data):
    """No other X-Mugai-Hops and no more than a few Received: those are another test's."""
    return b"x-mugai-hops" not in data.lower() and data.lower().count(b"\nreceived:") < 50


def mix(limit=LARGE):
    """[(name, bytes)]: every mail of the project's own corpus and, where it is there, of the shared one."""
    found = {}
    for root in (OWN, SHARED):
        for path in sorted(root.rglob("*.eml")):
            data = path.read_bytes()
            if len(data) <= limit and is_mail(data) and without_loops(data):
                found.setdefault(data, str(path.relative_to(root)))
    return [(name, crlf(data)) for data, name in found.items()]


def ordinary():
    """What a municipality gets all day: Japanese texts and HTML, small."""
    kinds = ("charset-ja", "html-mail", "calendar", "dsn", "phishing")
    return [(name, data) for name, data in mix(200_000) if name.split("/")[0] in kinds]


def _part(kind, body):
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + body


def _alternative(rng):
    words = b" ".join(b"word%d" % rng.randrange(10**6) for _ in range(200_000))
    marked = b" ".join(b"<b>word%d</b>" % rng.randrange(10**6) for _ in range(200_000))
    return _part(b"multipart/alternative; boundary=b", b"--b\r\nContent-Type: text/plain\r\n\r\n" + words
                 + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n" + marked + b"\r\n--b--\r\n")


def _broken_base64(rng):
    lines = (base64.b64encode(rng.randbytes(45)) + b"." for _ in range(40_000))
    return _part(b"text/plain", b"\r\n".join(lines) + b"\r\n")


def _links(_rng):
    return _part(b"text/html", b"".join(b"<a href='http://xn--%d.example/..//\\%%41@b'>bank %d</a>\r\n" % (n, n)
                                        for n in range(30_000)))


def _noise(rng):
    return _part(b"text/plain", rng.randbytes(2_000_000).replace(b"\r", b" ").replace(b"\n", b"\r\n"))


def _deep(_rng):
    opened = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(29))
    return _part(b"multipart/mixed; boundary=b0", opened + b"--b\r\nx\r\n" * 100_000)


def _empty_lines(_rng):
    return _part(b"text/plain", b"\r\n" * 2_500_000)


def _fields(_rng):
    return HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(3_900)) + b"\r\nbody\r\n"


WORST = {"alternative": _alternative, "base64": _broken_base64, "links": _links, "noise": _noise, "deep": _deep,
         "empty-lines": _empty_lines, "fields": _fields}


def worst(name):
    return WORST[name](random.Random(name))
