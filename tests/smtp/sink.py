#!/usr/bin/env python3
"""sink.py ADDRESS PORT DIR: a mail server that keeps each message as a file and sends nothing on.

DIR/NNNNNN.eml   the message, byte for byte as SMTP brought it (CRLF line ends)
DIR/NNNNNN.json  {"sender", "recipients", "time"} of its envelope, written first

The 250 after the final dot is sent when both files are in place. DIR/ready appears once it listens.
"""
import itertools
import json
import os
import re
import socketserver
import sys
import threading
import time

LINE_MAX = 1 << 20
REPLIES = {
    b"RSET": b"250 2.0.0 ok\r\n",
    b"NOOP": b"250 2.0.0 ok\r\n",
    b"VRFY": b"252 2.0.0 try it\r\n",
    b"HELO": b"250 sink\r\n",
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
}


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.sender, self.recipients = None, []
        self.say(b"220 sink ESMTP\r\n")
        while True:
            line = self.rfile.readline(LINE_MAX)
            if not line:
                return
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                self.say(b"221 2.0.0 bye\r\n")
                return
            self.say(self.answer(verb, line))

    def say(self, reply):
        self.wfile.write(reply)

    def answer(self, verb, line):
        if verb == b"MAIL":
            self.sender, self.recipients = path_of(line), []
            return b"250 2.1.0 ok\r\n"
        if verb == b"RCPT":
            self.recipients.append(path_of(line))
            return b"250 2.1.5 ok\r\n"
        if verb == b"DATA":
            return self.data()
        return REPLIES.get(verb, b"500 5.5.2 unknown\r\n")

    def data(self):
        if not self.recipients:
            return b"503 5.5.1 no recipient\r\n"
        self.say(b"354 go on\r\n")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return b"421 4.4.2 lost\r\n"
            lines.append(line[1:] if line.startswith(b".") else line)
        self.server.store(self.sender, self.recipients, b"".join(lines))
        return b"250 2.0.0 kept\r\n"


def path_of(line):
    match = re.search(rb"<([^>]*)>", line)
    return match.group(1).decode("utf-8", "replace") if match else ""


class Sink(socketserver.ThreadingTCPServer):
    # SO_REUSEADDR only: with SO_REUSEPORT a forgotten sink would take part of the mail in silence.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, directory):
        self.directory = directory
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        super().__init__(address, Session)

    def store(self, sender, recipients, message):
        with self.lock:
            name = os.path.join(self.directory, "%06d" % next(self.numbers))
        envelope = {"sender": sender, "recipients": recipients, "time": time.time()}
        with open(name + ".json", "w", encoding="utf-8") as file:
            json.dump(envelope, file)
        with open(name + ".part", "wb") as file:
            file.write(message)
        os.rename(name + ".part", name + ".eml")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    address, port, directory = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with Sink((address, port), directory) as server:
        with open(os.path.join(directory, "ready"), "w", encoding="ascii"):
            pass
        server.serve_forever()


if __name__ == "__main__":
    main()
