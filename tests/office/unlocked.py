"""unlocked: LibreOffice as nobody should run it on mail, for the positive controls of the traps, and as a converter of fixtures.

Everything it writes stays in a directory of the caller's: HOME, TMPDIR, profile. Processes are ended by their own id.
"""
import os
import signal
import subprocess
import time
from pathlib import Path
from xml.sax.saxutils import escape

SOFFICE = "/usr/lib/libreoffice/program/soffice"
REGISTRY = ('<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry"'
            ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n{}'
            '</oor:items>\n')
LIBRARY = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE library:library PUBLIC'
           ' "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">\n'
           '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"'
           ' library:readonly="false" library:passwordprotected="false">{}</library:library>\n')
LIBRARIES = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE library:libraries PUBLIC'
             ' "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">\n'
             '<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">'
             '<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/{}.xlb/" xlink:type="simple"'
             ' library:link="false"/></library:libraries>\n')
MODULE = ('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE script:module PUBLIC'
          ' "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">\n'
          '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"'
          ' script:language="StarBasic">{}</script:module>\n')
# Opens each document of the list as trustingly as it can be told to, and writes it as told. Hidden, not headless loading: a
# view is made, as a person's would be. Mode 4: run macros and say nothing; update 1 and 3: without asking, and all.
DRIVER = '''
Function Prop(name, value)
  Dim p As New com.sun.star.beans.PropertyValue
  p.Name = name : p.Value = value
  Prop = p
End Function
Sub Drive
  On Error Resume Next
  Dim row As String, words, doc, rows As Integer, report As Integer
  report = FreeFile
  Open "%(log)s" For Append As #report
  rows = FreeFile
  Open "%(list)s" For Input As #rows
  Do While Not Eof(rows)
    Line Input #rows, row
    words = Split(row, "|")
    doc = Nothing
    doc = StarDesktop.loadComponentFromURL(words(0), "_blank", 0, Array(Prop("Hidden", True), _
      Prop("MacroExecutionMode", CInt(4)), Prop("UpdateDocMode", CInt(words(3)))))
    If IsNull(doc) Then
      Print #report, "refused|" & row & "|" & Err & " " & Error
    Else
      Wait %(wait)d
      doc.storeToURL(words(1), Array(Prop("FilterName", words(2))))
      doc.close(True)
      Print #report, "done|" & row
    End If
  Loop
  Close #rows
  Close #report
  StarDesktop.terminate()
End Sub
'''
PDF_FILTER = {"writer": "writer_pdf_Export", "calc": "calc_pdf_Export", "impress": "impress_pdf_Export",
              "draw": "draw_pdf_Export"}
TRUSTING = (
    ("org.openoffice.Setup/Product", "ooSetupLastVersion", "7.4"),
    ("org.openoffice.Setup/Office", "ooSetupInstCompleted", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "0"),
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "false"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "false"),
    ("org.openoffice.Office.Common/Load", "UserDefinedSettings", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("org.openoffice.Office.Calc/Content/Update", "Link", "0"),
    ("org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
    ("org.openoffice.Office.Calc/Formula/Load", "ODFRecalcMode", "0"),
    ("org.openoffice.Office.Common/VBA", "DisableMacrosWarning", "true"),
)


def profile(directory, trusted):
    """A profile whose owner trusts everything that lies in `trusted` (a directory), as file:// URL."""
    user = Path(directory) / "user"
    (user / "basic/Standard").mkdir(parents=True)
    items = "".join(f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
                    for path, name, value in TRUSTING)
    items += ('<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="SecureURL" oor:op="fuse">'
              f"<value><it>{Path(trusted).as_uri()}</it></value></prop></item>\n")
    (user / "registrymodifications.xcu").write_text(REGISTRY.format(items))
    basic = user / "basic"
    basic.joinpath("script.xlc").write_text(LIBRARIES.format("script"))
    basic.joinpath("dialog.xlc").write_text(LIBRARIES.format("dialog"))
    basic.joinpath("Standard/script.xlb").write_text(LIBRARY.format('<library:element library:name="Module1"/>'))
    basic.joinpath("Standard/dialog.xlb").write_text(LIBRARY.format(""))
    return Path(directory)


def environment(home):
    home = Path(home)
    if not home.exists():
        home.joinpath("tmp").mkdir(parents=True)
        share(home / "share")
    return {"HOME": str(home), "TMPDIR": str(home / "tmp"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
            "BRAND_SHARE_SUBDIR": os.path.relpath(home / "share", BRAND), "SAL_USE_VCLPLUGIN": "svp", "LC_ALL": "C.UTF-8"}


def run(arguments, home, seconds, wrapper=()):
    """soffice with its children in a process group of its own, which is ended whole when the time is over."""
    command = [*wrapper, SOFFICE, "--headless", "--norestore", "--nologo", "--nodefault", *arguments]
    child = subprocess.Popen(command, env=environment(home), cwd=home, stdin=subprocess.DEVNULL, start_new_session=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, _ = child.communicate()
        out += b"\n(ended after %d s)" % seconds
    return child.returncode, out.decode(errors="replace")


def spring(documents, work, seconds=120, wrapper=(), wait=0):
    """documents: (path, out, family, update mode) each opened in turn by one unlocked LibreOffice; returns its log."""
    work = Path(work)
    place = profile(work / "profile", work)
    rows = [f"{Path(path).as_uri()}|{Path(out).as_uri()}|{PDF_FILTER.get(family, family)}|{mode}\n"
            for path, out, family, mode in documents]
    (work / "list").write_text("".join(rows))
    code = DRIVER % {"list": work / "list", "log": work / "log", "wait": wait}
    place.joinpath("user/basic/Standard/Module1.xba").write_text(MODULE.format(escape(code)))
    status, out = run([f"-env:UserInstallation={place.as_uri()}", "macro:///Standard.Module1.Drive"], work / "home", seconds,
                      wrapper)
    log = work / "log"
    return (log.read_text() if log.exists() else "") + f"exit {status}\n{out}"


def spring_window(path, work, sprung, seconds=20):
    """Opens one document in a window, as a person's soffice would, until sprung() or the time is over."""
    work = Path(work)
    place = profile(work / "profile", path.parent)
    child = subprocess.Popen([SOFFICE, "--headless", "--norestore", "--nologo", f"-env:UserInstallation={place.as_uri()}", str(path)],
                             env=environment(work / "home"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + seconds
    while child.poll() is None and not sprung() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


# ---- LibreOfficeKit ------------------------------------------------------------------------------------

BRAND = Path("/usr/lib/libreoffice")
UI = "config/soffice.cfg/modules"
STUB = '<?xml version="1.0" encoding="UTF-8"?>\n<interface><requires lib="gtk+" version="3.20"/>{}</interface>\n'


def widget(kind, name, *inside, more=""):
    children = "".join(f"<child>{child}</child>" for child in inside)
    return f'<object class="Gtk{kind}" id="{name}">{more}{children}</object>'


def scrolled(name):
    return widget("ScrolledWindow", "scrolledwindow", widget("Viewport", "viewport", widget("DrawingArea", name)))


# Windows that LibreOfficeKit makes for each sheet and each comment, and that Debian's -nogui packages do not describe.
WINDOWS = {
    f"{UI}/scalc/ui/inputbar.ui": widget("Box", "InputBar", widget("Box", "background", scrolled("sc_input_window")),
                                         widget("ToggleButton", "up"), widget("ToggleButton", "down")),
    f"{UI}/swriter/ui/annotation.ui": widget("Menu", "menu", widget("MenuItem", "deleteby")) +
    widget("Box", "Annotation", scrolled("editview"), widget("Label", "author"), widget("Label", "date"), widget("Label", "resolved"),
           widget("MenuButton", "menubutton", more='<property name="popup">menu</property>')),
}


def mirror(source, target, files):
    """target is as source, by links, but for files (relative path -> text)."""
    target.mkdir(parents=True)
    heads = {path.partition("/")[0] for path in files}
    if source.is_dir():
        for entry in source.iterdir():
            if entry.name not in heads:
                (target / entry.name).symlink_to(entry)
    for head in heads:
        inside = {path.partition("/")[2]: text for path, text in files.items() if path.partition("/")[0] == head}
        if "" in inside:
            (target / head).write_text(inside[""])
        else:
            mirror(source / head, target / head, inside)


def share(directory):
    """LibreOffice's share with what it lacks."""
    mirror(BRAND / "share", Path(directory), {path: STUB.format(text) for path, text in WINDOWS.items()})


def spring_kit(documents, work, seconds=60, wrapper=()):
    """documents: (path, out), each loaded and written as PDF by LibreOfficeKit with macros allowed; returns what became of each."""
    work = Path(work)
    place = profile(work / "profile", work)
    env = environment(work / "home")
    results, waiting = [], list(documents)
    while waiting:
        child = subprocess.Popen([*wrapper, "/usr/bin/python3", "-B", str(Path(__file__).with_name("unlocked_kit.py")),
                                  place.as_uri()], env=env, cwd=work / "home", stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        lines = "".join(f"{Path(path).as_uri()}|{Path(out).as_uri()}\n" for path, out in waiting)
        try:
            out, _ = child.communicate(lines.encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, _ = child.communicate()
        got = out.decode().split()
        results += got if child.returncode == 0 else [*got, f"ended {child.returncode}"]
        waiting = waiting[len(got) + (child.returncode != 0):]
    return results
