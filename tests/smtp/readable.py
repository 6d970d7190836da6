"""Messages as a reader sees them, safe to show on a terminal."""
import email
import email.header
import email.policy
import re
import unicodedata

SHOWN = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "X-Mugai-Result", "X-Mugai-Policy")


def safe(text):
    """No character that a terminal would obey: controls, bidi and invisible ones are spelt out."""
    out = []
    for char in text.replace("\t", "    "):
        bad = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        out.append(f"‹{ord(char):04X}›" if bad else char)
    return "".join(out)


# What mail programs in Japan mean by these names.
MEANT = {"shift_jis": "cp932", "sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext"}


def decode(data, charset):
    charset = MEANT.get((charset or "utf-8").lower(), charset or "utf-8")
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("latin-1")


def decode_words(value):
    value = re.sub(r"\r?\n(?=[ \t])", "", value)
    try:
        pieces = email.header.decode_header(value)
    except (email.errors.HeaderParseError, ValueError):
        return str(value)
    return "".join(decode(text, charset) if isinstance(text, bytes) else text for text, charset in pieces)


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.compat32)


def headers(data):
    """[(name, decoded value)] of the fields that a reader looks at, in the order of the message."""
    found = []
    for name, value in parse(data).items():
        if name.lower() in {shown.lower() for shown in SHOWN}:
            found.append((name, decode_words(str(value))))
    return found


def leaves(data):
    return [part for part in parse(data).walk() if not part.is_multipart()]


def text(data):
    """The first text/plain part, decoded; "" when there is none."""
    for part in leaves(data):
        if part.get_content_type() == "text/plain":
            return decode(part.get_payload(decode=True) or b"", part.get_content_charset())
    return ""


def others(data):
    """Type and name of each further part."""
    found, first = [], True
    for part in leaves(data):
        if part.get_content_type() == "text/plain" and first:
            first = False
            continue
        found.append((part.get_content_type(), decode_words(part.get_filename() or "")))
    return found


def everything(data):
    """All bytes of a message in every form that it holds them: raw, and each part decoded."""
    return data + b"\n".join(part.get_payload(decode=True) or b"" for part in leaves(data))
