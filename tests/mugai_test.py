#!/usr/bin/env -S python3 -B
"""mugai_test.py BIN_DIRECTORY LIAR: the command's exit codes, files and words. LIAR: a parser that lies."""
import base64
import email
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "smtp"))
from gateway import PROGRAMS, WORK_USER  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "conf" / "policies"
UMASK = os.umask(0o022)
os.umask(UMASK)
MAIL = b"From: a@b.example\nSubject: hello\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n\nthe text\n"
LIE = b"<a href=http://e.example/>https://bank.example/</a>"
# More than libc sorts without asking the kernel how much memory there is. The strong rule comes first.
MANY_RULES = b"<style>i{display:none}" + b"*{display:inline}" * 1000 + b"</style><i>a</i><b>b</b>"
ESCAPE = "e\x1b[31mvil"

# name, words, standard input, exit code, a word of stdout, a word of stderr
CASES = (
    ("no subcommand", [], b"", 64, "", "usage"),
    ("unknown subcommand", ["sanitise"], b"", 64, "", "no subcommand"),
    ("help", ["help"], b"", 0, "usage: mugai", ""),
    ("help of one", ["help", "sanitize"], b"", 0, "無害化", ""),
    ("--help of one", ["status", "--help"], b"", 0, "usage: mugai status", ""),
    ("version", ["--version"], b"", 0, "mugai ", ""),
    ("config without value", ["check", "--config"], b"", 64, "", "missing"),
    ("config before", ["--config", "good.yaml", "check"], b"", 0, "are well", ""),
    ("config after", ["check", "--config=good.yaml"], b"", 0, "are well", ""),
    ("config missing", ["check", "--config", "none.yaml"], b"", 66, "", "none.yaml"),
    ("policy missing", ["check", "--config", "good.yaml", "--policy", "none.yaml"], b"", 66, "", "none.yaml"),
    ("policy of the settings missing", ["check", "--config", "points.yaml"], b"", 78, "", "none.yaml"),
    ("config wrong", ["check", "--config", "bad.yaml"], b"", 78, "", "bad.yaml:2"),
    ("both wrong", ["check", "--config", "bad.yaml", "--policy", "bad.yaml"], b"", 78, "", "rules"),
    ("rule for another topology", ["check", "--config", "hop.yaml", "--policy", "hold.yaml"], b"", 78, "", "hold"),
    ("defaults", ["check", "--defaults"], b"", 0, "header_fields: 1000", ""),
    ("no daemon", ["status", "--config", "good.yaml"], b"", 69, "", "nothing answers"),
    ("file", ["sanitize", "mail.eml"], b"", 0, "X-Mugai-Result: deliver", ""),
    ("standard input", ["sanitize"], MAIL, 0, "X-Mugai-Result: deliver", ""),
    ("dash, CRLF", ["sanitize", "-"], MAIL.replace(b"\n", b"\r\n"), 0, "X-Mugai-Result: deliver", ""),
    ("config is used", ["sanitize", "--config", "small.yaml", "large.eml"], b"", 65, "", "limits.message"),
    ("too large, pipe", ["sanitize", "--config", "small.yaml"], MAIL + b"x" * 9999, 65, "", "limits.message"),
    ("missing file", ["sanitize", "none.eml"], b"", 66, "", "none.eml"),
    ("directory", ["sanitize", "."], b"", 66, "", "directory"),
    ("empty file", ["sanitize", "empty"], b"", 66, "", "empty"),
    ("empty input", ["sanitize"], b"", 66, "", "empty"),
    ("no mail", ["sanitize"], b"only words\n\nand more\n", 65, "", "no mail"),
    ("two files", ["sanitize", "mail.eml", "mail.eml"], b"", 64, "", "one message"),
    ("bad option", ["sanitize", "--bogus"], b"", 64, "", "--bogus"),
    ("bad time", ["sanitize", "--arrival", "tomorrow", "mail.eml"], b"", 64, "", "tomorrow"),
    ("no such directory", ["sanitize", "-o", "none/out", "mail.eml"], b"", 73, "", "none/out"),
    ("output is a directory", ["sanitize", "-o", ".", "mail.eml"], b"", 73, "", "directory"),
    ("device", ["sanitize", "-o", "/dev/null", "mail.eml"], b"", 0, "", ""),
    ("steering name", ["sanitize", ESCAPE], b"", 66, "", "e?[31mvil"),
    ("text, HTML by name", ["text", "page.html"], b"", 0, "日本\n", ""),
    ("text, HTML by content", ["text"], b"<html><p>a<p>b", 0, "a\n\nb\n", ""),
    ("text, plain by option", ["text", "--type", "plain"], b"<p>a", 0, "<p>a\n", ""),
    ("text, charset", ["text", "--charset", "shift_jis", "--type=plain"], "日本".encode("cp932"), 0, "日本\n", ""),
    ("text, all that a library might open a file for", ["text", "--type=html"],
     b'<p><a href="https://xn--wgv71a.example/">\x1b$BF|K\\\x1b(B</a>', 0, "日本 [1]\n\n[1] https://xn--wgv71a.example/ (日本.example)\n", ""),
    ("text, width", ["text", "--width=20", "--type=html"], "<p>日本語の長い文章です。折り返し".encode(), 0,
     "日本語の長い文章で\nす。折り返し\n", ""),
    ("text, width of plain", ["text", "--width", "20", "--type=plain"], "> 0123456789 0123456789\n".encode(), 0,
     "> 0123456789\n> 0123456789\n", ""),
    ("text, width too small", ["text", "--width", "19"], b"a", 64, "", "19"),
    ("text, width no number", ["text", "--width", "wide"], b"a", 64, "", "wide"),
    ("text, nothing defanged", ["text", "--type=html"], LIE, 0, "https://bank.example/ [1!e.example]\n\n[1] http://e.example/\n", ""),
    ("text, defang", ["text", "--type=html", "--defang=flagged"], LIE, 0,
     "hxxps://bank[.]example/ [1!e[.]example]\n\n[1] hxxp://e[.]example/\n", ""),
    ("text, defang all", ["text", "--type=plain", "--defang", "all"], b"https://a.example/", 0, "hxxps://a[.]example/\n", ""),
    ("text, defang what", ["text", "--defang", "some"], b"a", 64, "", "some"),
    ("text, many rules to put in order", ["text", "--type=html"], MANY_RULES, 0, "b\n", ""),
    ("text, charset unknown", ["text", "--charset", "klingon"], b"a", 64, "", "character set"),
    ("text, type unknown", ["text", "--type", "pdf"], b"a", 64, "", "pdf"),
    ("text, empty", ["text"], b"", 66, "", "empty"),
    ("text, binary", ["text", "--type", "plain"], b"\x7fELF\x02\x01\0\0\0\0\0\0\0\0\x3e\0\1\0\0\0" * 20, 65, "", "binary"),
    ("text, directory", ["text", "."], b"", 66, "", "directory"),
    ("text, missing", ["text", "none.html"], b"", 66, "", "none.html"),
    ("text, settings wrong", ["text", "--config", "bad.yaml", "page.html"], b"", 78, "", "bad.yaml:2"),
    ("explain", ["explain", "--policy", "rules.yaml", "--sender", "x@y.example", "parts.eml"], b"", 0,
     "message: notice-only, by rule from-y", ""),
    ("explain, a part", ["explain", "--policy", "rules.yaml", "parts.eml"], b"", 0, "part 2: remove, by rule exe", ""),
    ("explain, a header", ["explain", "--policy", "rules.yaml", "--sender", "a@b.example"],
     b"X-Flag: YES, spam\nSubject: x\n\nx\n", 0, "message: notice-only, by rule flagged", ""),
    ("explain, a long header", ["explain", "--policy", "rules.yaml"],
     b"X-Flag: " + b"x " * 8000 + b"flagged\nSubject: x\n\nx\n", 0, "message: notice-only, by rule flagged-late", ""),
    ("explain, a size", ["explain", "--policy", "size.yaml", "mail.eml"], b"", 0, "message: notice-only, by rule some", ""),
    ("explain, a larger size", ["explain", "--policy", "size.yaml", "large.eml"], b"", 0, "message: deliver, by rule all", ""),
    ("explain, several recipients", ["explain", "--policy", "vip.yaml", "--rcpt", "a@x.example", "--rcpt",
     "@relay:\"v\\ip\"@X.example.", "mail.eml"], b"", 0, "message: notice-only, by rule vip", ""),
    ("explain, a long name", ["explain", "--policy", "rules.yaml"],
     b"Subject: x\nContent-Type: application/x; name=\"" + b"a" * 2000 + b".exe\"\n\nMZ\n", 0, "part 1: remove, by rule exe", ""),
    ("explain, no mail", ["explain"], b"only words\n", 65, "", "no mail"),
    ("explain, empty", ["explain", "empty"], b"", 66, "", "empty"),
    ("explain, what comes of it", ["explain", "mail.eml"], b"", 0, "outcome: a clean message\n", ""),
    ("explain, a notice", ["explain", "--policy", "rules.yaml", "--sender", "x@y.example", "parts.eml"], b"", 0,
     "outcome: only a notice\n", ""),
    ("explain, one hop", ["explain", "--config", "hop.yaml", "--policy", "notice.yaml", "mail.eml"], b"", 0,
     "outcome: refused (550), since in one hop", ""),
    ("explain, one hop, reject", ["explain", "--config", "hop.yaml", "--policy", "reject.yaml", "mail.eml"], b"", 0,
     "outcome: refused (550)\n", ""),
    ("explain, a loop", ["explain", "--config", "good.yaml"], b"X-Mugai-Hops: 100\n\nx\n", 0, "a mail loop: accepted", ""),
    ("explain, a loop in one hop", ["explain", "--config", "hop.yaml"], b"X-Mugai-Hops: 100\n\nx\n", 0,
     "a mail loop: refused (554)", ""),
    ("check, no state directory", ["check", "--config", "nowhere.yaml"], b"", 0, "are well", "state.directory"),
    ("check, nobody is believed", ["check", "--config", "good.yaml", "--policy", "forged.yaml"], b"", 78, "",
     "forged.yaml:3: rules[1].when.authentication: nobody's results are believed"),
    ("check, somebody is believed", ["check", "--config", "edge.yaml", "--policy", "forged.yaml"], b"", 0, "are well", ""),
    ("check, somebody in one hop", ["check", "--config", "edge-hop.yaml"], b"", 0, "are well", "Postfix must remove"),
    ("explain, forged", ["explain", "--config", "edge.yaml", "--policy", "forged.yaml", "forged.eml"], b"", 0,
     "outcome: only a notice\nauthentication: spf pass, dkim unknown, dmarc fail\n", ""),
    ("explain, not checked", ["explain", "--config", "edge.yaml", "--policy", "forged.yaml", "mail.eml"], b"", 0,
     "rule forged (line 3): no, because of \"authentication.dmarc\"\n", ""),
    ("explain, nobody is believed", ["explain", "--config", "good.yaml", "forged.eml"], b"", 0,
     "outcome: a clean message\npolicy ", ""),
    ("check, not scanned", ["check", "--config", "good.yaml", "--policy", "unscanned.yaml"], b"", 0, "are well",
     "unscanned.yaml:3: rules[1].parts.not-scanned: allow converts what no virus scan has found clean / ウイルス検査で"),
    ("explain, not scanned", ["explain", "--policy", f"{POLICIES}/images.yaml", "pdf.eml"], b"", 0,
     "part 2: remove, by rule documents\n    name \"a.pdf\", declared type \"application/pdf\", true type \"application/pdf\", "
     "8 bytes\n    the rule says image-pdf, but the part was not scanned", ""),
    ("explain, not scanned but allowed", ["explain", "--policy", "unscanned.yaml", "pdf.eml"], b"", 0,
     "part 2: image-pdf, by rule all\n", "not-scanned: allow"),
    ("rule that is never reached", ["check", "--policy", "shadow.yaml"], b"", 78, "", "shadow.yaml:4: rules[2]: can never"),
    ("verify refuses", ["verify", "mail.eml"], b"", 65, "", ""),
    ("verify without file", ["verify", "none.eml"], b"", 66, "", ""),
)

FILES = {
    "mail.eml": MAIL, "large.eml": MAIL + b"x" * 9999, "empty": b"",
    "good.yaml": b"topology: behind-edge\nstatus: {socket: /nonexistent/status.sock}\naudit: {file: \"\"}\n",
    "small.yaml": b"topology: behind-edge\naudit: {file: \"\"}\n"
                  b"limits: {message: 4KB, header_block: 2KB, header_field: 1KB}\n",
    "bad.yaml": b"topology: behind-edge\nnonsense: 1\n",
    "points.yaml": b"topology: behind-edge\npolicy: /nonexistent/none.yaml\n",
    "page.html": "<title>x</title><p>日本".encode(),
    "parts.eml": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\ntext\n--q\n"
                 b"Content-Type: application/octet-stream; name=a.exe\n\nMZ\n--q--\n",
    "rules.yaml": b"name: r\nrules:\n- {name: from-y, message: notice-only, when: {sender: y.example}}\n"
                  b"- {name: flagged, message: notice-only, when: {header: {name: X-Flag, value: 'yes*'}}}\n"
                  b"- {name: flagged-late, message: notice-only, when: {header: {name: X-Flag, value: '*flagged'}}}\n"
                  b"- {name: exe, parts: remove, when: {part: {name: '*.exe'}}}\n"
                  b"- {name: all, message: deliver, parts: remove}\n",
    "pdf.eml": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\ntext\n--q\n"
               b"Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.4\n--q--\n",
    "unscanned.yaml": b"name: u\nrules:\n- {name: all, message: deliver, parts: {action: image-pdf, not-scanned: allow}}\n",
    "size.yaml": b"name: z\nrules:\n- {name: some, message: notice-only, when: {size: {over: 10B, under: 5KB}}}\n"
                 b"- {name: all, message: deliver, parts: remove}\n",
    "vip.yaml": b"name: v\nrules:\n- {name: vip, message: notice-only, when: {recipient: vip@x.example}}\n"
                b"- {name: all, message: deliver, parts: remove}\n",
    "shadow.yaml": b"name: s\nrules:\n- {name: a, message: deliver, parts: remove}\n"
                   b"- {name: b, message: hold, when: {sender: x.example}}\n",
    "hop.yaml": b"topology: one-hop\naudit: {file: \"\"}\n",
    "nowhere.yaml": b"topology: behind-edge\nwork: {user: nobody}\nstate: {directory: /nonexistent/state}\n"
                    b"audit: {file: \"\"}\n",
    "notice.yaml": b"name: n\nrules: [{name: all, message: notice-only, parts: remove}]\n",
    "reject.yaml": b"name: n\nrules: [{name: all, message: reject, parts: remove}]\n",
    "edge.yaml": b"topology: behind-edge\naudit: {file: \"\"}\nauthentication: {authserv_id: edge.example}\n",
    "edge-hop.yaml": b"topology: one-hop\naudit: {file: \"\"}\nauthentication: {authserv_id: edge.example}\n",
    "forged.yaml": b"name: f\nrules:\n- {name: forged, message: notice-only, when: {authentication: {dmarc: [fail, none]}}}\n"
                   b"- {name: all, message: deliver, parts: remove}\n",
    "forged.eml": b"Authentication-Results: edge.example; dmarc=fail\nAuthentication-Results: edge.example;\n spf=pass\n"
                  b"Received: from a by edge.example\n" + MAIL,
    "hold.yaml": b"name: h\nrules: [{name: all, message: hold, parts: remove}]\n",
}


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(program, directory, words, data=b"", user=None):
    done = subprocess.run([program, *words], cwd=directory, input=data, capture_output=True, timeout=60, user=user)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check_case(program, directory, words, data, code, out, err):
    ended, stdout, stderr = run(program, directory, words, data)
    expect(ended == code, f"exit {ended}, not {code}: {stderr}")
    expect(out in stdout, f"{out!r} is not in {stdout!r}")
    expect(err in stderr, f"{err!r} is not in {stderr!r}")
    expect("\x1b" not in stderr, "an escape character on stderr")
    expect(code == 0 or "X-Mugai" not in stdout, "a message in spite of an error")


def check_output(program, directory):
    """-o and --report are written whole, by rename, and not at all on failure."""
    out, report = directory / "out.eml", directory / "report.json"
    out.write_text("old")
    code, _, err = run(program, directory, ["sanitize", "-o", "out.eml", "none.eml"])
    expect(code == 66 and out.read_text() == "old", "a failure touched the old file")
    before = set(os.listdir(directory)) | {"report.json"}
    code, stdout, err = run(program, directory, ["sanitize", "--crlf", "-o", "out.eml", "--report", "report.json",
                                                 "mail.eml"])
    expect(code == 0 and stdout == "", f"exit {code} {err}")
    expect(set(os.listdir(directory)) == before, f"left: {set(os.listdir(directory)) - before}")
    expect(report.stat().st_mode & 0o777 == 0o600, "the report can be read by others")
    data = out.read_bytes()
    expect(data.count(b"\n") == data.count(b"\r\n") > 5, "line ends are not CRLF")
    expect(run(program, directory, ["verify", "out.eml"])[0] == 0, "it does not verify")


def check_arrival(program, directory):
    """The same moment in three spellings, and as the file's time, gives the same bytes."""
    words = ([], ["--arrival", "@1763596800"], ["--arrival", "2025-11-20T00:00:00Z"],
             ["--arrival", "2025-11-20T09:00:00+09:00"])
    (directory / "mail.eml").write_bytes(MAIL.replace(b"Date", b"X-Date"))
    os.utime(directory / "mail.eml", (1763596800, 1763596800))
    results = {run(program, directory, ["sanitize", *w, "mail.eml"])[1] for w in words}
    expect(len(results) == 1 and "20 Nov 2025" in results.pop(), "different bytes, or another day")


def check_report(program, directory):
    """The record has what was decided, what came of it, and every recipient."""
    words = ["sanitize", "--config", "hop.yaml", "--policy", "notice.yaml", "--rcpt", "a@b.example", "--rcpt", "c@d.example",
             "--report", "hop.json", "-o", "hop.eml", "mail.eml"]
    code, _, err = run(program, directory, words)
    expect(code == 65 and "refused by policy" in err and not (directory / "hop.eml").exists(), f"exit {code} {err}")
    report = json.loads((directory / "hop.json").read_text())
    told = {key: report[key] for key in ("outcome", "decision", "recipient", "recipients")}
    expect(told == {"outcome": "refuse", "decision": "notice-only", "recipient": "a@b.example",
                    "recipients": ["a@b.example", "c@d.example"]}, f"{told}")
    expect(report["policy"]["rule"] == "all", f"{report['policy']}")


def check_authentication(program, directory):
    """What the edge says is in the record and in the clean message, which the checker accepts."""
    words = ["sanitize", "--config", "edge.yaml", "--report", "forged.json", "-o", "forged.out", "forged.eml"]
    code, _, err = run(program, directory, words)
    expect(code == 0, f"exit {code} {err}")
    auth = json.loads((directory / "forged.json").read_text())["auth"]
    expect(auth == {"spf": "pass", "dmarc": "fail"}, f"{auth}")
    text = base64.b64decode((directory / "forged.out").read_bytes().partition(b"\n\n")[2]).decode()
    line = text.split("-----\r\n")[1].split("\r\n")[0]
    expect(line == "【無害化】送信元の確認: SPF 合格・DKIM 未確認・DMARC 不合格", line)
    code, _, err = run(program, directory, ["verify", "forged.out"])
    expect(code == 0, f"verify: exit {code} {err}")


def check_bound(program, directory):
    """More patterns and parts than the front may be kept busy with: the strictest outcome, and the report says so."""
    part = b"--q\nContent-Type: a/b; name=\"" + b"invoice" * 100 + b".exe\"\n\nx\n"
    (directory / "many.eml").write_bytes(b"Content-Type: multipart/mixed; boundary=q\n\n" + part * 990 + b"--q--\n")
    patterns = ", ".join(f"'*.e{i}'" for i in range(9900))
    (directory / "many.yaml").write_text(f"name: m\nrules:\n- {{name: many, message: notice-only, parts: remove, when: "
                                         f"{{part: {{name: [{patterns}]}}}}}}\n"
                                         "- {name: all, message: deliver, parts: remove}\n")
    code, out, err = run(program, directory, ["sanitize", "--policy", "many.yaml", "--report", "many.json", "many.eml"])
    expect(code == 0 and "X-Mugai-Result: notice-only" in out, f"exit {code} {err}")
    report = json.loads((directory / "many.json").read_text())
    expect("policy-exhausted" in report["limits"] and report["policy"]["rule"] == "all", f"{report['limits']}")
    expect("not all rules could be tried" in run(program, directory, ["explain", "--policy", "many.yaml", "many.eml"])[1],
           "explain does not say so")


def check_said_once(_program, directory):
    """What fails twice in the same way is said once."""
    (directory / "broken").mkdir()
    for name in ("mugai", "mugai-mail", "mugai-render", "mugai-verify"):
        shutil.copy2(directory / "bin" / name, directory / "broken" / name)
    for name in ("mugai-parse", "mugai-text"):
        shutil.copy2(LIAR, directory / "broken" / name)
    for words in (["sanitize"], ["explain"], ["text"]):
        code, out, err = run(str(directory / "broken/mugai"), directory, [*words, "--config", "good.yaml"], b"LIE 0\n\nx\n")
        expect(code == 75 and out == "" and err.count("jailed parser") == 1, f"{words}: exit {code} {err}")


# Words, exit code and a word of stderr for a user who may not read or write what root made.
DENIED = (
    (["sanitize", "--config", "audit.yaml", "mail.eml"], 77, "secret/audit.jsonl"),
    (["explain", "--config", "audit.yaml", "mail.eml"], 0, ""),
    (["sanitize", "secret.eml"], 77, "secret.eml"),
    (["explain", "secret.eml"], 77, "secret.eml"),
    (["text", "secret.eml"], 77, "secret.eml"),
    (["verify", "secret.eml"], 77, "secret.eml"),
    (["sanitize", "-o", "/out.eml", "mail.eml"], 77, "/out.eml"),
    (["check", "--config", "secret.yaml"], 77, "secret.yaml"),
    (["check", "--config", "points-secret.yaml"], 77, "secret.yaml"),
    (["check", "--config", "good.yaml", "--policy", "secret.yaml"], 77, "secret.yaml"),
)


def check_denied(program, directory):
    """No permission is 77, and no other fault. Without root nothing can be denied to somebody else."""
    if os.geteuid() != 0:
        return
    (directory / "secret").mkdir(mode=0o700)
    for name in ("secret.eml", "secret.yaml"):
        shutil.copy(directory / "mail.eml", directory / name)
        (directory / name).chmod(0o600)
    place = f"topology: behind-edge\nwork: {{user: {WORK_USER}}}\naudit: {{file: {directory}/%s/audit.jsonl}}\n"
    (directory / "audit.yaml").write_text(place % "secret")
    (directory / "points-secret.yaml").write_text(f"topology: behind-edge\npolicy: {directory}/secret.yaml\n")
    for words, code, word in DENIED:
        ended, _, err = run(program, directory, words, user=WORK_USER)
        expect(ended == code and word in err, f"{words}: exit {ended}, not {code}: {err}")


def check_policies(program, directory):
    """The shipped policies are well, and none converts what was not scanned; the one of the tests does, and is warned of."""
    shipped = [ROOT / "conf" / "policy.yaml", *sorted(POLICIES.glob("*.yaml"))]
    expect(len(shipped) >= 4, f"{shipped}")
    for path in [*shipped, ROOT / "tests" / "policies" / "convert-everything.yaml"]:
        code, out, err = run(program, directory, ["check", "--config", "good.yaml", "--policy", str(path)])
        expect(code == 0 and "are well" in out, f"{path}: exit {code} {err}")
        expect(("not-scanned" in err) == (path not in shipped), f"{path}: {err}")


def check_not_scanned(program, directory):
    """Nothing is converted unscanned, and the reader and the report say why."""
    policy = str(POLICIES / "images.yaml")
    code, out, err = run(program, directory, ["sanitize", "--policy", policy, "--report", "pdf.json", "pdf.eml"])
    expect(code == 0 and "removed=1; converted=0" in out, f"exit {code} {err}")
    text = base64.b64decode(out.split("\n\n", 1)[1]).decode()
    expect("「a.pdf」、種類 「application/pdf」、8 バイト、理由: ウイルス検査がまだ行われていない\r\n" in text, text)
    part = json.loads((directory / "pdf.json").read_text())["parts"][0]
    expect((part["scan"], part["action"], part["reason"]) == ("not-scanned", "remove", "not-scanned"), f"{part}")


def pdf_of_one_page():
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>"]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def check_drawing_as_text(program, directory):
    """A PDF behind a printer's commands, and a drawing, are drawn, though they look like text; text named so is a text."""
    policy = str(ROOT / "tests" / "policies" / "convert-everything.yaml")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n'
    behind_commands = b"@PJL ENTER LANGUAGE=PDF\n" * 30 + pdf_of_one_page()
    for name, content, kind in (("a.pdf", behind_commands, "PDF"), ("a.svg", drawing, "SVG"),
                                ("b.pdf", b"only words\n", "テキスト")):
        mail = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\ntext\n--q\n" \
               b"Content-Type: application/octet-stream; name=%s\nContent-Disposition: attachment\n" \
               b"Content-Transfer-Encoding: base64\n\n%s\n--q--\n" % (name.encode(), base64.encodebytes(content))
        code, out, err = run(program, directory, ["sanitize", "--policy", policy], mail)
        expect(code == 0, f"{name}: exit {code} {err}")
        message = email.message_from_string(out)
        text = message.get_payload(0).get_payload(decode=True).decode()
        expect(f"「{name}」、種類 {kind}、" in text, text)


def check_audit_owner(program, directory):
    """explain makes no audit file; one that root's sanitize makes is the daemon's to write."""
    (directory / "audit").mkdir()
    audit = directory / "audit/audit.jsonl"
    (directory / "owner.yaml").write_text(f"topology: behind-edge\nwork: {{user: {WORK_USER}}}\naudit: {{file: {audit}}}\n")
    expect(run(program, directory, ["explain", "--config", "owner.yaml", "mail.eml"])[0] == 0, "explain")
    expect(not audit.exists(), "explain made the audit file")
    expect(run(program, directory, ["sanitize", "--config", "owner.yaml", "mail.eml"])[0] == 0, "sanitize")
    expect(audit.stat().st_mode & 0o777 == 0o640 & ~UMASK, f"mode {audit.stat().st_mode:o}")
    expect(os.geteuid() != 0 or audit.owner() == WORK_USER, f"it belongs to {audit.owner()}")
    # What was there before keeps its owner.
    audit.unlink()
    audit.touch()
    expect(run(program, directory, ["sanitize", "--config", "owner.yaml", "mail.eml"])[0] == 0, "sanitize")
    expect(audit.stat().st_uid == os.geteuid(), "somebody's file was given away")


def main():
    global LIAR
    LIAR = Path(sys.argv[2])
    source = Path(sys.argv[1]).resolve()
    directory = Path(tempfile.mkdtemp(prefix="mugai-command."))
    directory.chmod(0o755)
    program = str(directory / "bin/mugai")
    failed = False
    try:
        # A copy, which other users can reach, wherever the build tree is.
        (directory / "bin").mkdir()
        for name in PROGRAMS:
            shutil.copy2(source / name, directory / "bin" / name)
        for name, data in FILES.items():
            (directory / name).write_bytes(data)
        checks = [(name, lambda c=case: check_case(program, directory, *c)) for name, *case in CASES]
        checks += [("output", lambda: check_output(program, directory)),
                   ("arrival", lambda: check_arrival(program, directory))]
        for check in (check_report, check_authentication, check_bound, check_said_once, check_policies, check_not_scanned,
                      check_drawing_as_text, check_denied, check_audit_owner):
            checks.append((check.__name__[len("check_"):], lambda c=check: c(program, directory)))
        for name, check in checks:
            try:
                check()
                print(f"ok {name}")
            except Failure as failure:
                failed = True
                print(f"not ok {name}: {failure}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
