#!/usr/bin/env python3
"""sink.py ADDRESS PORT DIR: a mail server that keeps each message as a file and sends nothing on.

DIR/NNNNNN.eml   the message, byte for byte as SMTP brought it (CRLF line ends)
DIR/NNNNNN.json  {"sender", "recipients", "time"} of its envelope, written first

The 250 after the final dot is sent when both files are in place. DIR/ready appears once it listens. Numbers go on
where those in DIR end, so that a server may be stopped and started again.

DIR/behaviour.json makes it a bad server. It is read anew at each step of each session: a list of rules, of which the
first that fits the step is followed.

    {"at": "RCPT",                 the step: CONNECT, EHLO, MAIL, RCPT, DATA, TEXT (the first line of a message), END
                                   (its final dot), QUIT
     "for": ["a@b.example"],       RCPT only: for these recipients (default: all)
     "times": 2,                   so often, counted since the file was last changed (default: always)
     "delay": 1.5,                 seconds before the answer
     "reply": "452 4.2.2 full",    instead of the usual answer. At END nothing is kept then
     "cut": true,                  the connection is closed instead of the answer. At END the message is kept before
     "forward": {"address": ["127.0.0.1", 25], "domain": "b.example"}}
                                   END only: what was kept is sent there, to the same users of that domain

Steps that a rule was followed at are told in DIR/events, one word a line.
"""
import contextlib
import itertools
import json
import os
import re
import smtplib
import socketserver
import sys
import threading
import time

LINE_MAX = 1 << 20
PIECE = 1 << 16
REPLIES = {
    "RSET": b"250 2.0.0 ok\r\n",
    "NOOP": b"250 2.0.0 ok\r\n",
    "VRFY": b"252 2.0.0 try it\r\n",
    "HELO": b"250 sink\r\n",
    # No PIPELINING: a final dot is the last thing that a client sends before it waits.
    "EHLO": b"250-sink\r\n250 8BITMIME\r\n",
}


class Cut(Exception):
    """A rule closes the connection."""


class Behaviour:
    """The rules of DIR/behaviour.json, and how often each was followed."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "behaviour.json")
        self.events = os.path.join(directory, "events")
        self.lock = threading.Lock()
        self.version, self.rules, self.used = None, [], []

    def load(self):
        """The file is replaced by renaming, so that what is read is whole."""
        try:
            status = os.stat(self.path)
            version = (status.st_ino, status.st_mtime_ns)
            if version != self.version:
                with open(self.path, encoding="utf-8") as file:
                    self.rules = json.load(file)
                self.version, self.used = version, [0] * len(self.rules)
        except FileNotFoundError:
            self.version, self.rules, self.used = None, [], []

    def rule(self, step, recipient=None):
        """The rule to follow at this step; {} for none."""
        with self.lock:
            self.load()
            for number, rule in enumerate(self.rules):
                fits = rule["at"] == step and recipient in rule.get("for", [recipient])
                if fits and self.used[number] < rule.get("times", self.used[number] + 1):
                    self.used[number] += 1
                    self.tell(step)
                    return rule
        return {}

    def tell(self, step):
        with open(self.events, "a", encoding="ascii") as file:
            file.write(step + "\n")


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.sender, self.recipients = None, []
        with contextlib.suppress(Cut, ConnectionError):
            self.say(self.behave("CONNECT") or b"220 sink ESMTP\r\n")
            while line := self.rfile.readline(LINE_MAX):
                step = line[:4].decode("ascii", "replace").upper().strip()
                self.say(self.answer(step, line))
                if step == "QUIT":
                    return

    def say(self, reply):
        self.wfile.write(reply)

    def behave(self, step, recipient=None):
        """What a rule answers at this step; None when the usual answer is due."""
        rule = self.server.behaviour.rule(step, recipient)
        # Asked for each line of a mail: even a sleep of nothing gives the processor away.
        if "delay" in rule:
            time.sleep(rule["delay"])
        if rule.get("cut") and step != "END":
            raise Cut
        if step == "END":
            return rule
        return rule["reply"].encode() + b"\r\n" if "reply" in rule else None

    def answer(self, step, line):
        if step == "MAIL":
            self.sender, self.recipients = path_of(line), []
            return self.behave(step) or b"250 2.1.0 ok\r\n"
        if step == "RCPT":
            return self.recipient(path_of(line))
        if step == "DATA":
            return self.data()
        if step == "QUIT":
            return self.behave(step) or b"221 2.0.0 bye\r\n"
        return self.behave(step) or REPLIES.get(step, b"500 5.5.2 unknown\r\n")

    def recipient(self, address):
        reply = self.behave("RCPT", address)
        if reply is None:
            self.recipients.append(address)
        return reply or b"250 2.1.5 ok\r\n"

    def data(self):
        if not self.recipients:
            return b"503 5.5.1 no recipient\r\n"
        reply = self.behave("DATA")
        if reply:
            return reply
        self.say(b"354 go on\r\n")
        message = self.text()
        return b"421 4.4.2 lost\r\n" if message is None else self.end(message)

    def text(self):
        """The message up to its final dot, which is the last thing that a client sends before it waits; None when the
        connection ends before. In large pieces: line by line, a message of a million lines would be a test of this
        server."""
        pieces = [b"\r\n" + self.rfile.readline()]
        tail = pieces[0]
        self.behave("TEXT")
        while not tail.endswith(b"\r\n.\r\n"):
            pieces.append(self.rfile.read1(PIECE))
            if not pieces[-1]:
                return None
            tail = (tail + pieces[-1])[-5:]
        return b"".join(pieces).replace(b"\r\n..", b"\r\n.")[2:-3]

    def end(self, message):
        rule = self.behave("END")
        if "reply" in rule:
            return rule["reply"].encode() + b"\r\n"
        self.server.store(self.sender, self.recipients, message)
        if "forward" in rule:
            self.forward(rule["forward"], message)
        if rule.get("cut"):
            raise Cut
        return b"250 2.0.0 kept\r\n"

    def forward(self, way, message):
        host, port = way["address"]
        there = [address.partition("@")[0] + "@" + way["domain"] for address in self.recipients]
        with smtplib.SMTP(host, port, "sink.example", timeout=60) as server:
            server.sendmail(self.sender, there, message)


def path_of(line):
    match = re.search(rb"<([^>]*)>", line)
    return match.group(1).decode("utf-8", "replace") if match else ""


def numbers_after(directory):
    taken = [int(name[:6]) for name in os.listdir(directory) if re.fullmatch(r"[0-9]{6}\.(eml|json|part)", name)]
    return itertools.count(max(taken, default=0) + 1)


class Sink(socketserver.ThreadingTCPServer):
    # SO_REUSEADDR only: with SO_REUSEPORT a forgotten sink would take part of the mail in silence.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address, directory):
        self.directory = directory
        self.behaviour = Behaviour(directory)
        self.numbers = numbers_after(directory)
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
