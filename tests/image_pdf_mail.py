"""image_pdf_mail: an image PDF in a clean message, before mugai-verify."""
import base64
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAIL = b"""From: a@example.org
Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=q

--q

text
--q
Content-Type: image/bmp; name=a.bmp
Content-Transfer-Encoding: base64

""" + base64.b64encode(b"BM" + (58).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
                       + (40).to_bytes(4, "little") + (1).to_bytes(4, "little") * 2 + (1).to_bytes(2, "little")
                       + (24).to_bytes(2, "little") + bytes(24) + b"abc\0") + b"\n--q--\n"


def template(build, folder):
    """A clean message with one image PDF, in two halves around its base64."""
    mail, clean = folder / "mail.eml", folder / "clean.eml"
    mail.write_bytes(MAIL)
    subprocess.run([build / "bin" / "mugai", "sanitize", "--policy", HERE / "policies" / "convert-everything.yaml", "-o", clean,
                    mail], check=True, capture_output=True, timeout=60)
    found = re.fullmatch(rb"(.*\nContent-Type: application/pdf\n.*?\n\n)JVBE[A-Za-z0-9+/=\n]*\n(--.*)", clean.read_bytes(), re.S)
    return found[1], found[2]


def verify(build, halves, pdf):
    """What mugai-verify says against it, in a message; "" for nothing."""
    message = pdf.with_suffix(".eml")
    message.write_bytes(halves[0] + base64.encodebytes(pdf.read_bytes()) + halves[1])
    done = subprocess.run([build / "bin" / "mugai", "verify", message], capture_output=True, text=True, timeout=60, check=False)
    message.unlink()
    return "" if done.returncode == 0 else f"exit {done.returncode} {done.stderr.strip()}"
