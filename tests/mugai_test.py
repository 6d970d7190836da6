#!/usr/bin/env -S python3 -B
"""mugai_test.py BIN_DIRECTORY: the command's exit codes, files and words."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MAIL = b"From: a@b.example\nSubject: hello\nDate: Fri, 20 Nov 2026 09:00:00 +0900\n\nthe text\n"
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
    ("text, charset unknown", ["text", "--charset", "klingon"], b"a", 64, "", "character set"),
    ("text, type unknown", ["text", "--type", "pdf"], b"a", 64, "", "pdf"),
    ("text, empty", ["text"], b"", 66, "", "empty"),
    ("text, directory", ["text", "."], b"", 66, "", "directory"),
    ("text, missing", ["text", "none.html"], b"", 66, "", "none.html"),
    ("text, settings wrong", ["text", "--config", "bad.yaml", "page.html"], b"", 78, "", "bad.yaml:2"),
    ("explain", ["explain", "--policy", "rules.yaml", "--sender", "x@y.example", "parts.eml"], b"", 0,
     "message: notice-only, by rule from-y", ""),
    ("explain, a part", ["explain", "--policy", "rules.yaml", "parts.eml"], b"", 0, "part 2: remove, by rule exe", ""),
    ("explain, a header", ["explain", "--policy", "rules.yaml", "--sender", "a@b.example"],
     b"X-Flag: YES, spam\nSubject: x\n\nx\n", 0, "message: notice-only, by rule flagged", ""),
    ("explain, no mail", ["explain"], b"only words\n", 65, "", "no mail"),
    ("explain, empty", ["explain", "empty"], b"", 66, "", "empty"),
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
                  b"- {name: exe, parts: remove, when: {part: {name: '*.exe'}}}\n"
                  b"- {name: all, message: deliver, parts: remove}\n",
    "shadow.yaml": b"name: s\nrules:\n- {name: a, message: deliver, parts: remove}\n"
                   b"- {name: b, message: hold, when: {sender: x.example}}\n",
    "hop.yaml": b"topology: one-hop\n",
    "hold.yaml": b"name: h\nrules: [{name: all, message: hold, parts: remove}]\n",
}


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(program, directory, words, data=b""):
    done = subprocess.run([program, *words], cwd=directory, input=data, capture_output=True, timeout=60)
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


def main():
    program = str(Path(sys.argv[1]).resolve() / "mugai")
    directory = Path(tempfile.mkdtemp(prefix="mugai-command."))
    failed = False
    try:
        for name, data in FILES.items():
            (directory / name).write_bytes(data)
        checks = [(name, lambda c=case: check_case(program, directory, *c)) for name, *case in CASES]
        checks += [("output", lambda: check_output(program, directory)),
                   ("arrival", lambda: check_arrival(program, directory))]
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
