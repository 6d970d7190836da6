"""DKIM signatures for test mails (RFC 6376, rsa-sha256, relaxed/relaxed), so that a checker meets a signer that is not
its own. The key is made by openssl(1)."""
import base64
import hashlib
import re
import subprocess

FIELDS = ("From", "To", "Subject", "Date", "Message-ID")


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def relaxed_body(body):
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def relaxed_field(field):
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()
    return name.strip().lower() + b":" + value


def fields_of(head):
    return re.findall(rb"[^\r\n]+(?:\r\n[ \t][^\r\n]*)*", head)


class Signer:
    """A key of one domain and selector; directory keeps it."""

    def __init__(self, domain, directory, selector="test"):
        self.domain, self.selector = domain, selector
        self.key = directory / f"{selector}.{domain}.pem"
        self.key.write_bytes(openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))

    def record(self):
        """The line of dnsmasq that publishes the key. A string of a TXT record holds 255 characters at most."""
        public = openssl("pkey", "-in", str(self.key), "-pubout", "-outform", "DER")
        text = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
        strings = ",".join(f'"{text[i:i + 200]}"' for i in range(0, len(text), 200))
        return f"txt-record={self.selector}._domainkey.{self.domain},{strings}\n"

    def sign(self, message, tags=""):
        """The message with a signature on top; tags are put into it as they are."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = {field.partition(b":")[0].strip().lower(): field for field in fields_of(head)}
        names = [name for name in FIELDS if name.lower().encode() in fields]
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        signature = (f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};{tags}\r\n"
                     f"\th={':'.join(names)}; bh={digest};\r\n\tb=").encode()
        signed = b"\r\n".join([relaxed_field(fields[name.lower().encode()]) for name in names]
                              + [relaxed_field(signature)])
        value = base64.b64encode(openssl("dgst", "-sha256", "-sign", str(self.key), data=signed))
        return signature + value + b"\r\n" + message
