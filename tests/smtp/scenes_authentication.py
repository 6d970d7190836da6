"""Scenarios of test_end_to_end.py: SPF, DKIM and DMARC, checked at edge and told to the reader."""
import os
import re
import signal

import readable
from checks import expect_delivered, mail, trace, without_trace
from dkim import Signer
from gateway import Mugaid, Scene, expect

ID = "edge.city.example.lg.jp"
TRUST = f"authentication:\n  authserv_id: {ID}\n"
SENDER, ATTACKER = "192.0.2.10", "192.0.2.66"
UNKNOWN = "送信元の確認: 結果がありません"


def told(stored):
    """The one line that a reader finds about the sender."""
    lines = re.findall(r"送信元の確認[^\n]*", readable.text(stored.data))
    expect(len(lines) == 1, f"{len(lines)} lines about the sender in {stored.path.name}")
    return lines[0]


def publish(scene, *lines):
    """Puts lines of dnsmasq's format into the DNS."""
    (scene.directory / "dns.d" / "test.conf").write_text("".join(lines))
    scene.lab("dns")


def pass_one(scene, number, data, sender="citizen@sender.example", source=SENDER, name="mail.sender.example"):
    """(original, clean message) of one mail."""
    scene.send(data, sender=sender, source=source, name=name)
    scene.drain()
    return scene.wait_at("mailbox", number)[-1], scene.wait_at("lgwan", number)[-1]


def cases(signer):
    """[(what, mail, envelope sender, client's address, the line for the reader)]"""
    signed = signer.sign(mail("signed", b"TOKEN as signed\n"))
    unsigned = mail("unsigned", b"TOKEN not signed\n")
    other = unsigned.replace(b"citizen@sender.example", b"someone@attacker.example")
    return [
        ("all is well", signed, "citizen@sender.example", SENDER, "SPF 合格・DKIM 合格・DMARC 合格"),
        ("not signed", unsigned, "citizen@sender.example", SENDER, "SPF 合格・DKIM 設定なし・DMARC 合格"),
        ("forwarded", signed, "citizen@sender.example", ATTACKER, "SPF 不合格・DKIM 合格・DMARC 合格"),
        ("a broken signature", signed.replace(b"TOKEN as", b"TOKEN un"), "citizen@sender.example", SENDER,
         "SPF 合格・DKIM 不合格・DMARC 合格"),
        ("forged sender", unsigned, "citizen@sender.example", ATTACKER, "SPF 不合格・DKIM 設定なし・DMARC 不合格"),
        ("forged From, own envelope", unsigned, "someone@attacker.example", ATTACKER,
         "SPF 合格・DKIM 設定なし・DMARC 不合格"),
        ("a sender without DMARC", other, "someone@attacker.example", ATTACKER, "SPF 合格・DKIM 設定なし・DMARC 設定なし"),
    ]


def test_authentication(bin_directory):
    """What edge found about the sender stands in its own lines on top of the original, and in one line for the reader."""
    with Scene(bin_directory, authentication=True) as scene, Mugaid(scene, more=TRUST):
        signer = Signer("sender.example", scene.directory)
        publish(scene, signer.record())
        for number, (what, data, sender, source, line) in enumerate(cases(signer), 1):
            original, clean = pass_one(scene, number, data, sender, source)
            expect(without_trace(original.data) == data, f"{what}: the original was changed")
            expect(trace(original.data).group(1).count(b"Authentication-Results:") == 3, f"{what}: {original.data[:900]!r}")
            expect_delivered(scene, clean, "TOKEN")
            expect(line in told(clean), f"{what}: {told(clean)}, not {line}")


LIE = "; spf=pass smtp.mailfrom=sender.example; dkim=pass header.d=sender.example; dmarc=pass header.from=sender.example LIE"
FORGED = [
    "Authentication-Results: ID",
    "authentication-results: id",
    "AUTHENTICATION-RESULTS: ID",
    "Authentication-Results:ID",
    "Authentication-Results :ID",
    "Authentication-Results:\t\tID 1",
    "Authentication-Results:\r\n ID",
    "Authentication-Results:\r\n\t\r\n\tID",
    "Authentication-Results: ID\r\n\t",
    "Authentication-Results:\n ID",
    "Authentication-Results: (comment) ID",
    "Authentication-Results: (a(b)c\\)d)\r\n (e) ID",
    "Authentication-Results: ID(comment)",
    "Authentication-Results: ID (comment) 1",
    'Authentication-Results: "ID"',
    'Authentication-Results: "ed\\ge.city.example.lg.jp"',
    "Authentication-Results: ID.",
    "Authentication-Results: \0ID",
    "Authentication-Results: \rID",
    "Authentication-Results: \x0bID",
    "Authentication-Results: \xa0ID",
    "Authentication-Results: =?utf-8?q?edge?=.city.example.lg.jp",
    "Authentication-Results: edge . city . example . lg . jp",
    "Authentication-Results: other.example ID",
    "Authentication-Results: ; ID",
    "Authentication-Results: =",
]
FOREIGN = b"Authentication-Results: other.example; dkim=pass header.d=other.example FOREIGN\r\n"


def forged_fields():
    for spelling in FORGED:
        text = spelling.replace("ID", ID).replace("id", ID.upper())
        yield spelling, (text + LIE).encode("latin-1") + b"\r\n"


def expect_removed(what, original, data):
    rest = without_trace(original.data)
    expect(b"LIE" not in rest, f"{what!r}: the forged line is still there: {rest[:300]!r}")
    expect(rest == FOREIGN + data, f"{what!r}: more than the forged line is gone: {rest[:300]!r}")


def test_forged_results(bin_directory):
    """Lines that the sender wrote in edge's name are gone, however they are spelled; others stay, and nobody believes them."""
    data = mail("forged", b"TOKEN of an attacker\n")
    with Scene(bin_directory, authentication=True) as scene, Mugaid(scene, more=TRUST):
        for number, (what, field) in enumerate(forged_fields(), 1):
            original, clean = pass_one(scene, number, field + FOREIGN + data, source=ATTACKER)
            expect_removed(what, original, data)
            expect("SPF 不合格・DKIM 設定なし・DMARC 不合格" in told(clean), f"{what!r}: {told(clean)}")
        _, clean = pass_one(scene, len(FORGED) + 1, b"".join(field for _, field in forged_fields()) + data, source=ATTACKER)
        expect("DMARC 不合格" in told(clean), f"all together: {told(clean)}")


# Tags of a signature that opendkim would write into its result as they are: with them one domain's signature reads as
# another's. The second half is how honest ones look.
LIE_ENCODED = "=3B=20dkim=3Dpass=20header.d=3Dsender.example=20header.i=3D@attacker.example"
ODD_TAGS = [
    f"i=x{LIE_ENCODED};",
    f"I=x{LIE_ENCODED};",
    f"i=@attacker.example; i=x{LIE_ENCODED};",
    f"i\r\n\t=\r\n x{LIE_ENCODED.replace('B=2', chr(13) + chr(10) + ' B=' + chr(13) + chr(10) + ' 2').lower()};",
    f"z={'z' * 60_000}; i=x{LIE_ENCODED};",
    'i="x"@attacker.example;',
    "i=x(y)@attacker.example;",
    "i=x=0A=09y@attacker.example;",
    "i=x=E3=81=82@attacker.example;",
    "d=sender.example(x).attacker.example;",
    'd=sender.example"x".attacker.example;',
    "s=te(st;",
]
PLAIN_TAGS = ["i=@attacker.example;", "i=a=3Db@attacker.example;", "i=a+b/c@mail.attacker.example;", "x=4102444800;", ""]


def test_odd_signatures(bin_directory):
    """A signature whose words would become results of their own is refused; others, and the truth about them, pass."""
    with Scene(bin_directory, authentication=True) as scene, Mugaid(scene, more=TRUST):
        signer = Signer("attacker.example", scene.directory)
        publish(scene, signer.record())
        data = mail("forged", b"TOKEN of an attacker\n")
        for tags in ODD_TAGS:
            code, text = scene.try_send(signer.sign(data, " " + tags), sender="a@attacker.example", source=ATTACKER)
            expect(code // 100 == 5, f"{tags[:200]!r}: {code} {text}")
        for number, tags in enumerate(PLAIN_TAGS, 1):
            _, clean = pass_one(scene, number, signer.sign(data, " " + tags), "a@attacker.example", ATTACKER)
            expect("SPF 合格・DKIM 合格・DMARC 不合格" in told(clean), f"{tags!r}: {told(clean)}")


# The text that a sender's DNS gives for a failed SPF stands in the line of the SPF filter.
EXPLANATIONS = [
    "x); dkim=pass header.d=sender.example (y",
    "x) smtp.mailfrom=sender.example; dkim=pass header.d=sender.example (y",
    "x); spf=pass smtp.mailfrom=sender.example (y",
    "x); dmarc=pass header.from=sender.example (y",
    "(",
    "x\\\\",
    "; dkim=pass header.d=sender.example",
    "see http://www.sender.example/why?id=a&ip=1",
]


def test_odd_explanations(bin_directory):
    """Nothing that a sender has in its DNS becomes a result, even when opendkim, which would find it, is away."""
    with Scene(bin_directory, authentication=True) as scene, Mugaid(scene, more=TRUST):
        os.kill(int((scene.directory / "opendkim.pid").read_text()), signal.SIGKILL)
        publish(scene, *(f'txt-record=odd{n}.example,"v=spf1 exp=why.odd{n}.example -all"\n'
                         f'txt-record=why.odd{n}.example,"{text}"\n' for n, text in enumerate(EXPLANATIONS)))
        data = mail("forged", b"TOKEN of an attacker\n")
        for number, text in enumerate(EXPLANATIONS):
            _, clean = pass_one(scene, number + 1, data, f"a@odd{number}.example", ATTACKER)
            line = told(clean)
            expect("DMARC 不合格" in line and " 合格" not in line, f"{text!r}: {line}")


def test_checks_away(bin_directory):
    """Without the programs that check, mail passes, forged lines are removed all the same, and the reader is told."""
    data = mail("unchecked", b"TOKEN unchecked\n")
    with Scene(bin_directory) as scene, Mugaid(scene, more=TRUST):
        # As in the sample; nothing listens there.
        scene.postconf("edge", smtpd_milters="{ unix:/run/opendkim/opendkim.sock, default_action=accept } "
                                             "{ unix:/run/opendmarc/opendmarc.sock, default_action=accept }")
        for number, (what, field) in enumerate(forged_fields(), 1):
            original, clean = pass_one(scene, number, field + FOREIGN + data, source=ATTACKER)
            expect_removed(what, original, data)
            expect(told(clean).startswith(UNKNOWN), f"{what!r}: {told(clean)}")


def test_one_hop_authentication(bin_directory):
    """In one hop the same: results are told, forged lines are not believed."""
    with Scene(bin_directory, topology="one-hop", authentication=True) as scene, Mugaid(scene, more=TRUST):
        signer = Signer("sender.example", scene.directory)
        publish(scene, signer.record())
        signed = signer.sign(mail("signed", b"TOKEN as signed\n"))
        table = [(signed, SENDER, "SPF 合格・DKIM 合格・DMARC 合格"), (signed, ATTACKER, "SPF 不合格・DKIM 合格・DMARC 合格")]
        data = b"".join(field for _, field in forged_fields()) + mail("forged", b"TOKEN of an attacker\n")
        table.append((data, ATTACKER, "SPF 不合格・DKIM 設定なし・DMARC 不合格"))
        for number, (sent, source, line) in enumerate(table, 1):
            scene.send(sent, source=source)
            scene.drain()
            clean = scene.wait_at("lgwan", number)[-1]
            expect_delivered(scene, clean, "TOKEN")
            expect(line in told(clean), f"{told(clean)}, not {line}")
