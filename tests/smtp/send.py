#!/usr/bin/env python3
"""send.py ADDRESS:PORT SENDER RECIPIENT[,RECIPIENT...] FILE: one mail over SMTP.

Line ends of FILE become CRLF; no other byte is changed. Prints the server's answer; exit code 0 when it
took the mail, 75 for a 4xx, 69 for a 5xx or no connection.
"""
import contextlib
import re
import smtplib
import socket
import sys
from pathlib import Path


def crlf(data):
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


class Client(smtplib.SMTP):
    """An SMTP client whose connections are made by a function of (address, timeout)."""

    def __init__(self, connect, **words):
        self.connect_function = connect
        super().__init__(**words)

    def _get_socket(self, host, port, timeout):
        return self.connect_function((host, port), timeout)


def send(address, sender, recipients, data, timeout=60, connect=socket.create_connection, name="client.example",
         options=()):
    """(code, text) of the answer that decided: the first refusal, or that to the final dot. name: for HELO."""
    host, port = address
    server = Client(connect, host=host, port=port, local_hostname=name, timeout=timeout)
    try:
        server.ehlo()
        code, text = server.mail(sender, options)
        for recipient in recipients:
            if code // 100 == 2:
                code, text = server.rcpt(recipient)
        if code // 100 == 2:
            code, text = server.data(data)
        return code, text.decode("utf-8", "replace")
    finally:
        # A server under stress answers QUIT with "too many errors": what it said of the mail stands.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    host, _, port = sys.argv[1].rpartition(":")
    data = crlf(Path(sys.argv[4]).read_bytes())
    try:
        code, text = send((host, int(port)), sys.argv[2], sys.argv[3].split(","), data)
    except (OSError, smtplib.SMTPException) as error:
        print(error, file=sys.stderr)
        sys.exit(69)
    print(code, text)
    sys.exit({2: 0, 4: 75}.get(code // 100, 69))


if __name__ == "__main__":
    main()
