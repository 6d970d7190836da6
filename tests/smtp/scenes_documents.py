"""Scenarios of test_end_to_end.py: documents that the policy converts."""
import json
import shutil
import signal
import subprocess

import documents
import readable
from checks import NOTICE, expect_delivered, mail, outside, without_trace
from gateway import POLICY, Mugaid, Scene, expect, wait_until

CONVERTS = """\
name: converting
rules:
  - name: everything
    message: deliver
    parts: {action: image-pdf, not-scanned: allow}
"""


def attached(stored):
    """{file name: content type} of the attachments of a message."""
    return {readable.file_name(part): part.get_content_type() for part in readable.leaves(stored.data) if part.get_filename()}


def text_of(stored, name):
    """What a reader finds in an attached PDF when it searches for text."""
    pdf = next(part for part in readable.leaves(stored.data) if readable.file_name(part) == name)
    return subprocess.run(["pdftotext", "-", "-"], input=pdf.get_payload(decode=True), timeout=60, check=True,
                          stdout=subprocess.PIPE).stdout.decode("utf-8")


def parts_of(mugaid, number=-1):
    """[(action, status)] of the attachments in one of the audit's events of clean messages."""
    event = [e for e in mugaid.events() if e.get("outcome") == "clean"][number]
    return [(part["action"], part["conversion"]["status"]) for part in event["parts"] if "conversion" in part]


def test_documents(bin_directory):
    """A PDF, a picture and a table arrive as image PDFs that mugai-verify accepts; the original stays as it was."""
    files = (("letter.pdf", "application/pdf", documents.pdf("Letter of marker", "Second page")),
             ("logo.png", "image/png", documents.png()), ("list.csv", "text/csv", documents.CSV))
    with Scene(bin_directory) as scene, Mugaid(scene, policy=CONVERTS) as mugaid:
        sent = documents.mail("three", *files)
        scene.send(sent)
        stored = scene.wait_at("lgwan", 1, 90)[0]
        expect_delivered(scene, stored, "the text above the files")
        expect(without_trace(scene.wait_at("mailbox", 1)[0].data) == sent, "the original was changed")
        found = attached(stored)
        expect(list(found.values()) == ["application/pdf"] * 3, f"attached: {found}")
        for (name, _, data), pdf, words in zip(files, found, (("Letter of marker", "Second page"), (), ("山田太郎", "3400"))):
            expect(pdf.startswith(name.split(".")[0]) and pdf.endswith(".pdf"), f"{name} became {pdf}")
            text = text_of(stored, pdf)
            expect(all(word in text for word in words), f"{pdf} lacks {words}: {text}")
            expect(data not in readable.everything(stored.data), f"{name} itself passed")
        notice = readable.text(stored.data)
        expect(NOTICE in notice and all(name in notice for name, _, _ in files), f"the notice: {notice}")
        expect(parts_of(mugaid) == [("image-pdf", "complete")] * 3, f"the audit: {parts_of(mugaid)}")
        expect("not-scanned" in mugaid.log(), f"no warning: {mugaid.log()}")


def office(scene):
    with Mugaid(scene, policy=CONVERTS) as mugaid:
        sent = documents.mail("four", *documents.OFFICE)
        scene.send(sent)
        stored = scene.wait_at("lgwan", 1, 120)[0]
        expect_delivered(scene, stored, "the text above the files")
        found = attached(stored)
        expect(list(found.values()) == ["application/pdf"] * 4, f"attached: {found} {mugaid.log()}")
        for (name, _, data), pdf, (words, hidden) in zip(documents.OFFICE, found, documents.OFFICE_WORDS):
            text = "".join(text_of(stored, pdf).split())
            expect(all("".join(word.split()) in text for word in words), f"{pdf} lacks {words}: {text}")
            expect(not any(word in text for word in hidden), f"{pdf} has {hidden}: {text}")
            expect(data not in readable.everything(stored.data), f"{name} itself passed")
        notice = readable.text(stored.data)
        expect("種類 Excel" in notice and "隠されていたため除いたもの: 行 1" in notice, f"the notice: {notice}")
        expect(parts_of(mugaid) == [("image-pdf", "complete")] * 4, f"the audit: {parts_of(mugaid)}")


def test_documents_office(bin_directory):
    """docx, xlsx, pptx and odt arrive as image PDFs that mugai-verify accepts, with their text; the reader is told of what is hidden."""
    with Scene(bin_directory) as scene:
        shutil.copy2(scene.bin_source / "mugai-office", scene.bin)
        office(scene)


def test_documents_once(bin_directory):
    """A mail to a hundred recipients is a hundred copies and drawn once; another mail with the same file is drawn anew."""
    letter = ("letter.pdf", "application/pdf", documents.pdf("For all of you"))
    with Scene(bin_directory) as scene, Mugaid(scene, policy=CONVERTS) as mugaid:
        scene.postconf("edge", smtpd_recipient_restrictions="reject_unauth_destination")  # the samples know few users
        people = [outside(f"r{number}") for number in range(100)]
        scene.send(documents.mail("hundred", letter), people)
        stored = scene.wait_at("lgwan", 100, 120)
        expect(len({s.recipients[0] for s in stored}) == 100, f"{len(stored)} messages")
        for one in stored[::20]:
            expect_delivered(scene, one, "the text above the files")
        expect(len({json.dumps(attached(one)) for one in stored}) == 1 and attached(stored[0]), "not all have the same file")
        now = mugaid.status()["documents"]
        # More often asked for than that, if some copies had to come again.
        expect(now["drawn"] == 1 and now["shared"] >= 99, f"{now}")
        shared = now["shared"]
        scene.send(documents.mail("another", letter))
        scene.wait_at("lgwan", 101, 60)
        now = mugaid.status()["documents"]
        expect((now["drawn"], now["shared"], now["in_work"], now["waiting"]) == (2, shared, 0, 0), f"{now}")
        scene.drain()


def test_documents_reload(bin_directory):
    """SIGHUP from a policy that converts nothing to one that does, and back."""
    def letter(number):
        return documents.mail(f"letter {number}", ("letter.pdf", "application/pdf", documents.pdf("A letter")))
    with Scene(bin_directory) as scene, Mugaid(scene) as mugaid:
        for number, (policy, wanted) in enumerate(((POLICY, 0), (CONVERTS, 1), (POLICY, 0), (CONVERTS, 1)), 1):
            (mugaid.directory / "policy.yaml").write_text(policy)
            mugaid.process.send_signal(signal.SIGHUP)
            wait_until(lambda: mugaid.status()["reload"]["count"] == number, 20, "the reload")
            scene.send(letter(number))
            stored = scene.wait_at("lgwan", number, 60)[-1]
            expect_delivered(scene, stored, "the text above the files")
            expect(len(attached(stored)) == wanted, f"{number}: attached {attached(stored)}")
        render = next(kind for kind in mugaid.status()["supervisor"]["kinds"] if kind["name"] == "render")
        # two documents, and the one that the first reload asked for, to see that it can be had
        expect(render["started"] == 3 and render["crashed"] == 0, f"{render}")


def test_documents_stop(bin_directory):
    """SIGTERM while a document is drawn: the mail comes again, and what takes too long is taken out and told."""
    with Scene(bin_directory) as scene:
        with Mugaid(scene, policy=CONVERTS) as mugaid:
            scene.send(documents.mail("endless", ("endless.pdf", "application/pdf", documents.endless_pdf())))
            wait_until(lambda: mugaid.status()["documents"]["in_work"] == 1, 60, "the document is being drawn")
            scene.send(mail("text", b"a text beside it\n"))
            expect_delivered(scene, scene.wait_at("lgwan", 1, 60)[0], "a text beside it")
        expect(len(scene.at("lgwan")) == 1, "something passed at the end")
        with Mugaid(scene, policy=CONVERTS, more="limits: {document_cpu: 1s}\n") as mugaid:
            scene.drain(120)
            stored = scene.wait_at("lgwan", 2, 60)[-1]
            expect_delivered(scene, stored, "変換に時間がかかりすぎる")
            expect(not attached(stored) and parts_of(mugaid) == [("remove", "time")], f"{parts_of(mugaid)}")
        expect(len(scene.at("lgwan")) == 2 and len(scene.at("mailbox")) == 2, "something came twice")
