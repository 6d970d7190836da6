"""Messages as a reader sees them. What comes out is the mail's own text: screen.safe() before a terminal sees it."""
import email
import email.header
import email.policy
import re

# What mail programs in Japan mean by these names.
MEANT = {"shift_jis": "cp932", "sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext"}
# As mail programs in Japan call them.
FIELDS = {"From": "差出人", "To": "宛先", "Cc": "写し", "Subject": "件名", "Date": "日時"}


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


def head(message):
    """[(name in Japanese, decoded value)] of the fields that a mail program shows."""
    return [(label, decode_words(str(message[name]))) for name, label in FIELDS.items() if message[name] is not None]


def leaves(data):
    return [part for part in parse(data).walk() if not part.is_multipart()]


def content(part):
    return decode(part.get_payload(decode=True) or b"", part.get_content_charset())


def file_name(part):
    """As content() reads: the Python library takes Shift_JIS at its word (RFC 2231)."""
    name = part.get_param("filename", header="Content-Disposition")
    if isinstance(name, tuple):
        charset, _, value = name
        return decode(value.encode("latin-1", "replace"), charset)
    return decode_words(part.get_filename() or "")


def text(data):
    """The first text/plain part, decoded; "" when there is none."""
    for part in leaves(data):
        if part.get_content_type() == "text/plain":
            return content(part)
    return ""


def outline(message):
    """(title, lines, a file?) for each part, in their order; files as the base64 lines that they came as."""
    kind = message.get_content_type()
    if kind == "message/rfc822":
        inner = message.get_payload(0)
        yield kind, [f"{label}: {value}" for label, value in head(inner)], False
        yield from outline(inner)
    elif kind.startswith("multipart/") and message.is_multipart():
        for part in message.get_payload():
            yield from outline(part)
    elif message.is_multipart():
        yield kind, "\n".join(str(part).strip() for part in message.get_payload()).splitlines(), False
    elif kind.startswith("text/") and not message.get_filename():
        yield f"{kind}（{message.get_content_charset() or '文字コードの表示なし'}）", content(message).splitlines(), False
    else:
        yield f"「{file_name(message)}」 {kind}", message.get_payload().splitlines(), True


def everything(data):
    """All bytes of a message in every form that it holds them: raw, and each part decoded."""
    return data + b"\n".join(part.get_payload(decode=True) or b"" for part in leaves(data))
