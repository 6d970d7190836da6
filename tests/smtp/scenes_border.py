"""Scenarios of test_end_to_end.py: what may cross the borders of the three zones, and what may not."""
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import readable
import zones
from checks import DOMAIN, expect_delivered, in_both_plans, inside, mail, outside, without_trace
from gateway import Mugaid, Scene, expect

EDGE, MAILBOX, DNS, SENDER, ATTACKER = "192.0.2.1", "192.0.2.25", "192.0.2.53", "192.0.2.10", "192.0.2.66"
GATEWAY_INSIDE, LGWAN = "10.0.0.1", "10.0.0.25"


# ---- firewall --------------------------------------------------------------------------

# (zone, address, port, whether it may connect). Behind every one that may not, something listens.
CONNECTIONS = [
    ("internet", EDGE, 25, True),
    ("internet", EDGE, 587, False),
    ("internet", EDGE, 10027, False),
    ("internet", GATEWAY_INSIDE, 25, False),
    ("internet", LGWAN, 25, False),
    ("internet", LGWAN, 8025, False),
    ("gateway", LGWAN, 25, False),  # as root; see LGWAN_CLIENTS
    ("gateway", LGWAN, 8025, False),
    ("gateway", MAILBOX, 25, True),
    ("gateway", MAILBOX, 8025, False),
    ("gateway", ATTACKER, 25, False),
    ("gateway", SENDER, 25, False),
    ("gateway", DNS, 53, True),
    ("gateway", "127.0.0.1", 10027, True),
    ("lgwan", EDGE, 25, False),
    ("lgwan", EDGE, 587, False),
    ("lgwan", GATEWAY_INSIDE, 25, False),
    ("lgwan", GATEWAY_INSIDE, 10027, False),
    ("lgwan", MAILBOX, 25, False),
    ("lgwan", DNS, 53, False),
    ("lgwan", ATTACKER, 25, False),
]
# Users of the gateway's host, and whether they may connect to the LGWAN server: san's Postfix alone.
LGWAN_CLIENTS = {"postfix-san": True, "postfix": False, "mugai": False, "nobody": False, "root": False}
LISTENERS = {
    "internet": [(MAILBOX, 8025), (ATTACKER, 25), (SENDER, 25)],
    "gateway": [(EDGE, 587), (EDGE, 10027), (GATEWAY_INSIDE, 25), (GATEWAY_INSIDE, 10027)],
    "lgwan": [(LGWAN, 8025)],
}


@contextmanager
def listeners(scene):
    """Sockets that take a connection by themselves: what does not reach them was stopped on its way."""
    opened = []
    try:
        for zone, addresses in LISTENERS.items():
            with zones.network(scene.holder(zone)):
                opened += [socket.create_server(address) for address in addresses]
        yield
    finally:
        for one in opened:
            one.close()


def connects(scene, zone, host, port):
    try:
        scene.connect(zone, (host, port), 3).close()
    except (TimeoutError, PermissionError):  # dropped on the way, or already on the way out
        return False
    return True


def expect_connections(scene, when):
    with ThreadPoolExecutor(len(CONNECTIONS)) as pool:
        found = list(pool.map(lambda row: connects(scene, *row[:3]), CONNECTIONS))
    wrong = [row for row, may in zip(CONNECTIONS, found) if may != row[3]]
    expect(not wrong, f"{when}, otherwise than said: {wrong}")


def asks_dns(scene, zone):
    """Whether a question over UDP is answered."""
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0\6sender\7example\0\0\1\0\1"
    with zones.network(scene.holder(zone)):
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with asker:
        asker.settimeout(3)
        try:
            asker.sendto(question, (DNS, 53))
            return asker.recv(512)[:2] == b"\0\1"
        except (TimeoutError, PermissionError):
            return False


def test_firewall(bin_directory):
    """Only port 25 of the LGWAN server, from san; nothing from LGWAN; the rest as conf/nftables says."""
    with Scene(bin_directory) as scene, listeners(scene):
        expect_connections(scene, "with every firewall")
        # The gateway's own must be enough: not a rule of LGWAN's, nor that the kernel forwards nothing.
        for chain in ("input", "output"):
            scene.exec("lgwan", "nft", "insert", "rule", "inet", "lab", chain, "accept")
        scene.exec("gateway", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        expect_connections(scene, "with the gateway's alone")
        clients = {user: scene.connects("gateway", (LGWAN, 25), user) for user in LGWAN_CLIENTS}
        expect(clients == LGWAN_CLIENTS, f"to the LGWAN server: {clients}")
        dns = {zone: asks_dns(scene, zone) for zone in ("internet", "gateway", "lgwan")}
        expect(dns == {"internet": True, "gateway": True, "lgwan": False}, f"DNS over UDP: {dns}")


# ---- no open relay ---------------------------------------------------------------------

MARK = f"{DOMAIN}.to-lgwan.invalid"
FOREIGN = [
    "victim@foreign.example",
    "victim@[192.0.2.66]",
    "victim@[10.0.0.25]",
    "victim@sender.example",
    f"victim%foreign.example@{DOMAIN}",
    f"victim@foreign.example@{DOMAIN}",
    f"foreign.example!victim@{DOMAIN}",
    f'"victim@foreign.example"@{DOMAIN}',
    f'"victim%foreign.example"@{DOMAIN}',
    f'"taro,victim@foreign.example"@{DOMAIN}',
    f"taro,victim@foreign.example@{DOMAIN}",
    f'"taro victim@foreign.example"@{DOMAIN}',
    f"@foreign.example,@{DOMAIN}:victim@foreign.example",
    f"@{DOMAIN}:victim@foreign.example",
    f"taro@{DOMAIN}@foreign.example",
    f"taro@{DOMAIN}.foreign.example",
    f"taro@sub.{DOMAIN}",
    f"taro@edge.{DOMAIN}",
    f"taro@san.{DOMAIN}",
    f"taro@mail.{DOMAIN}",
    "taro@localhost",
    "taro@127.0.0.1",
    "taro@[127.0.0.1]",
    "",
]
MARKED = [
    f"taro@{MARK}",
    f"TARO@{MARK.upper()}",
    f"taro@{MARK}.",
    f"taro@{MARK}@{DOMAIN}",
    f"taro%{MARK}@{DOMAIN}",
    f'"taro@{MARK}"@{DOMAIN}',
    f"taro.to-lgwan.invalid@{DOMAIN}",
    f"taro@{DOMAIN}.to-lgwan.invalid.to-lgwan.invalid",
    "taro@to-lgwan.invalid",
    "taro@foreign.example.to-lgwan.invalid",
    f"taro@lgwan.{DOMAIN}",
    f"TARO@LGWAN.{DOMAIN.upper()}",
    f"taro@lgwan.{DOMAIN}.",
    f"alarm@{DOMAIN}",
    f"Alarm@{DOMAIN}",
    "audit@alarm.invalid",
]
ODD = [
    "root",
    "taro",
    f"nobody@{DOMAIN}",
    f"taro+extension@{DOMAIN}",
    f"taro-extension@{DOMAIN}",
    f"taro@{DOMAIN}..",
    f"taro@.{DOMAIN}",
    f'"taro "@{DOMAIN}',
    f'" taro"@{DOMAIN}',
    f'"ta\\ro\\@"@{DOMAIN}',
    f"taro\0@{DOMAIN}",
    f"taro@{DOMAIN}\0.foreign.example",
    f"tar\u00f6@{DOMAIN}",
    f"-taro@{DOMAIN}",
    f"|taro@{DOMAIN}",
    f"/taro@{DOMAIN}",
    f":include:taro@{DOMAIN}",
    f"$1@{DOMAIN}",
    f"${{1}}@{DOMAIN}",
]
# What is taken, and goes to taro alone: ways to write his address that every server knows.
TARO = [f"taro@{DOMAIN}", f"TARO@{DOMAIN}", f"Taro@{DOMAIN.upper()}", f'"taro"@{DOMAIN}', f'"ta\\ro"@{DOMAIN}',
        f"taro@{DOMAIN}.", f"taro @{DOMAIN}", f"taro\t@{DOMAIN}", f"@foreign.example:taro@{DOMAIN}",
        f"@foreign.example,@{DOMAIN}:taro@{DOMAIN}"]


class Dialogue:
    """SMTP spoken byte by byte."""

    def __init__(self, scene, zone="internet", address=None, source=None):
        self.socket = scene.connect(zone, address, 60, source)
        self.file = self.socket.makefile("rb")
        self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def reply(self):
        """(code, last line) of the next reply; code 0 when the server has hung up."""
        while (line := self.file.readline())[3:4] == b"-":
            pass
        return int(line[:3] or b"0"), line.decode("latin-1").strip()

    def say(self, *lines):
        """Sends lines at once; the replies."""
        self.socket.sendall(b"".join(line.encode("utf-8") + b"\r\n" for line in lines))
        return [self.reply() for _ in lines]

    def begin(self, recipient=f"taro@{DOMAIN}", sender="citizen@sender.example"):
        """As far as 354; True if that came."""
        for line in ("EHLO mail.sender.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            code = self.say(line)[0][0]
        return code == 354

    def end(self, data):
        """Sends bytes as they are, and QUIT; every reply until the server hangs up."""
        self.socket.sendall(data + b"QUIT\r\n")
        replies = []
        while (reply := self.reply())[0]:
            replies.append(reply)
        return replies


def answer_to_recipient(scene, recipient, sender="citizen@sender.example", zone="internet", address=None):
    with Dialogue(scene, zone, address) as dialogue:
        dialogue.say("EHLO mail.sender.example")
        dialogue.say(f"MAIL FROM:<{sender}>")
        return dialogue.say(f"RCPT TO:<{recipient}>")[0]


def expect_refused(scene, recipients):
    taken = []
    for recipient in recipients:
        for sender in ("citizen@sender.example", "", f"taro@{DOMAIN}"):
            code, text = answer_to_recipient(scene, recipient, sender)
            if code // 100 != 5:
                taken.append((recipient, sender, code, text))
    expect(not taken, f"not refused: {taken}")


def expect_only_taro(scene, sinks, hops):
    """Each spelling of taro's address is taken, and reaches taro at every sink ({sink: domain}), over these hops alone."""
    for recipient in TARO:
        with Dialogue(scene) as dialogue:
            expect(dialogue.begin(recipient), f"{recipient} was not taken")
            dialogue.end(mail("own", b"for taro\n") + b".\r\n")
    for sink in sinks:
        scene.wait_at(sink, len(TARO))
    scene.drain()
    for sink, domain in sinks.items():
        got = [address.lower() for s in scene.at(sink) for address in s.recipients]
        expect(got == [f"taro@{domain}"] * len(TARO), f"at {sink}: {got}")
    relays = set(re.findall(r"relay=([^,]+)", scene.lab("log").stdout))
    expect(relays == hops, f"Postfix delivered to {relays}")


@in_both_plans
def test_no_open_relay(bin_directory, plan):
    """Every odd recipient is refused by edge for good; what is taken reaches taro, once on each side, and nobody else."""
    with Scene(bin_directory, plan=plan) as scene, Mugaid(scene):
        expect_refused(scene, FOREIGN + MARKED + ODD)
        for recipient in ("postmaster", "Postmaster", f"postmaster@{DOMAIN}"):
            code, text = answer_to_recipient(scene, recipient)
            expect(code == 250, f"{recipient}: {code} {text}")
        expect_only_taro(scene, {"mailbox": DOMAIN, "lgwan": inside("", plan)[1:]},
                         {f"{MAILBOX}[{MAILBOX}]:25", f"{LGWAN}[{LGWAN}]:25", "127.0.0.1[127.0.0.1]:10027"})


def test_one_hop_no_open_relay(bin_directory):
    """The same in one hop."""
    with Scene(bin_directory, topology="one-hop") as scene, Mugaid(scene):
        expect_refused(scene, FOREIGN + MARKED + ODD)
        expect_only_taro(scene, {"lgwan": DOMAIN}, {f"{LGWAN}[{LGWAN}]:25"})
        expect(not scene.at("mailbox"), "something went to the internet zone")


@in_both_plans
def test_no_back_door(bin_directory, plan):
    """From the gateway's own host: san takes only recipients of this town, and sendmail(1) is no entrance."""
    with Scene(bin_directory, plan=plan) as scene, Mugaid(scene):
        san = ("127.0.0.1", 10027)
        wrong = []
        for recipient in FOREIGN + ["audit@alarm.invalid", "taro@to-lgwan.invalid", f"taro@{MARK}.to-lgwan.invalid",
                                    f"victim@foreign.example.to-lgwan.invalid", f'"a@b"@{MARK}', f"a%b@{MARK}"]:
            code, text = answer_to_recipient(scene, recipient, zone="gateway", address=san)
            if code // 100 not in (4, 5):
                wrong.append((recipient, code, text))
        expect(not wrong, f"san takes: {wrong}")
        for instance in ("edge", "san"):
            for user in ("root", "nobody"):
                done = scene.exec("gateway", "setpriv", f"--reuid={user}", "--clear-groups", "sendmail", "-C",
                                  f"/etc/postfix-{instance}", "-i", inside("taro", plan), input="Subject: x\n\nx\n",
                                  stdin=None, check=False)
                expect(done.returncode != 0, f"sendmail of {instance} took a mail of {user}")
        scene.drain()
        expect(not scene.at("lgwan") and not scene.at("mailbox"), "something arrived")


# ---- SMTP smuggling --------------------------------------------------------------------

ENDINGS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r", b"\r.\r\n", b"\r.\n", b"\n.\r", b"\r\r\n.\r\r\n",
           b"\r\n.\r\r\n", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\n\n.\n\n", b"\r\n.\x85", b"\r\n .\r\n", b"\r\n..\r\n",
           b"\n\r.\n\r", b"\r\n.\n\r\n", b"\x0b.\x0b", b"\xe2\x80\xa8.\xe2\x80\xa8"]
SECOND = (b"MAIL FROM:<forged@sender.example>\r\nRCPT TO:<hanako@" + DOMAIN.encode() + b">\r\nDATA\r\n"
          b"Subject: SMUGGLED\r\n\r\nsecond\r\n")


def whole(data):
    """All visible words of both parts are there."""
    return all(word in data for word in (b"first", b"MAIL FROM:<forged@", b"SMUGGLED", b"second"))


def test_smuggling(bin_directory):
    """No spelling of the end of data but the right one ends a message: one mail on each side, with all of it inside."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        for number, ending in enumerate(ENDINGS, 1):
            with Dialogue(scene) as dialogue:
                expect(dialogue.begin(), "a plain mail is not taken")
                replies = dialogue.end(mail("one", b"first") + ending + SECOND + b"\r\n.\r\n")
            codes = [code for code, _ in replies]
            expect(codes == [250, 221], f"{ending!r}: replies {replies}")
            original = scene.wait_at("mailbox", number)[-1]
            expect(original.recipients == [outside("taro")] and whole(original.data), f"{ending!r}: {original}")
        scene.drain()
        for sink in ("mailbox", "lgwan"):
            stored = scene.wait_at(sink, len(ENDINGS))
            expect(len(stored) == len(ENDINGS), f"{len(stored)} messages at {sink} for {len(ENDINGS)} mails")
            expect({s.sender for s in stored} == {"citizen@sender.example"}, f"{sink}: senders")
        for one in scene.at("lgwan"):
            expect_delivered(scene, one, "SMUGGLED")


def test_smuggling_bdat(bin_directory):
    """A right end of data inside a chunk ends nothing either, on any of the hops."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        body = mail("one", b"first") + b"\r\n.\r\n" + SECOND + b".\r\nQUIT\r\n"
        with Dialogue(scene) as dialogue:
            dialogue.say("EHLO mail.sender.example")
            dialogue.say("MAIL FROM:<citizen@sender.example>", f"RCPT TO:<taro@{DOMAIN}>")
            dialogue.socket.sendall(b"BDAT %d LAST\r\n" % len(body) + body)
            code, text = dialogue.reply()
            expect(code == 250, f"the chunk was not taken: {code} {text}")
            expect(dialogue.say("QUIT")[0][0] == 221, "the server speaks of something else")
        scene.drain()
        original, clean = scene.wait_at("mailbox", 1), scene.wait_at("lgwan", 1)
        expect(len(original) == 1 and len(clean) == 1, f"{len(original)} originals, {len(clean)} clean messages")
        expect(without_trace(original[0].data) == body, "the original was changed")
        expect_delivered(scene, clean[0], "SMUGGLED")


def test_pipelining(bin_directory):
    """A client that pipelines as RFC 2920 lets it is served; one that does not wait for the greeting is not."""
    with Scene(bin_directory) as scene, Mugaid(scene):
        with Dialogue(scene) as dialogue:
            dialogue.say("EHLO mail.sender.example")
            for number in range(3):
                replies = dialogue.say("MAIL FROM:<citizen@sender.example>", f"RCPT TO:<taro@{DOMAIN}>", "DATA")
                expect([code for code, _ in replies] == [250, 250, 354], f"replies {replies}")
                dialogue.socket.sendall(mail(f"pipelined {number}", b"text %d\n" % number) + b".\r\n")
                expect(dialogue.reply()[0] == 250, "the mail was not taken")
        scene.drain()
        subjects = sorted(readable.parse(s.data)["Subject"] for s in scene.wait_at("lgwan", 3))
        expect(subjects == [f"pipelined {n}" for n in range(3)], f"{subjects}")
        with Dialogue(scene) as dialogue:
            replies = dialogue.end(b"EHLO a.example\r\nMAIL FROM:<a@sender.example>\r\nRCPT TO:<taro@"
                                   + DOMAIN.encode() + b">\r\nDATA\r\nSubject: blind\r\n\r\nx\r\n.\r\n")
            expect(all(code // 100 == 5 for code, _ in replies) and replies, f"blind commands were served: {replies}")
        scene.drain()
        expect(len(scene.at("mailbox")) == 3, "the blind client's mail arrived")
