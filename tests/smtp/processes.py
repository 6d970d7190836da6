#!/usr/bin/env python3
"""processes.py below DIR | session PID: the processes that belong to a directory or a session, one "PID NAME" a line.

A process belongs to DIR when its program, its working directory or an argument of its command line is below DIR, or
when it is in one of the namespaces that DIR/zones/namespaces names (tests/lab); to a session when PID is its leader.
The caller and its ancestors never count.
"""
import contextlib
import glob
import os
import sys


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def link(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/{name}")
    except OSError:
        return ""


def stat_fields(pid):
    """(name, fields after the name) of /proc/PID/stat, or None when the process is gone."""
    text = read(pid, "stat").decode("latin-1")
    if not text:
        return None
    head, _, tail = text.rpartition(")")
    return head.partition("(")[2], tail.split()


def age_of(pid):
    """A key that sorts the oldest first: numbers of processes begin anew at some time."""
    fields = stat_fields(pid)
    return (int(fields[1][19]) if fields else 0, pid)


def snapshot():
    """{pid: (name, parent, state, ticks)}; ticks: own and of reaped children, user and system."""
    found = {}
    for entry in os.listdir("/proc"):
        fields = stat_fields(entry) if entry.isdigit() else None
        if fields:
            name, rest = fields
            found[int(entry)] = (name, int(rest[1]), rest[0], sum(map(int, rest[11:15])))
    return found


def ancestors(processes):
    line, pid = set(), os.getpid()
    while pid and pid in processes and pid not in line:
        line.add(pid)
        pid = processes[pid][1]
    return line


def namespaces_of(directory):
    """Those of a laboratory in directory, and of laboratories right below it."""
    found = set()
    for place in (directory, *glob.glob(os.path.join(glob.escape(str(directory)), "*/"))):
        with contextlib.suppress(OSError), open(os.path.join(place, "zones", "namespaces"), encoding="ascii") as file:
            found.update(file.read().split())
    return found


def below(directory):
    """{pid: name} of the living processes that belong to directory."""
    prefix = os.path.realpath(directory) + "/"
    namespaces = namespaces_of(directory)
    processes = snapshot()
    mine = ancestors(processes)
    found = {}
    for pid, (name, _, state, _) in processes.items():
        if pid in mine or state == "Z":
            continue
        words = read(pid, "cmdline").decode("utf-8", "replace").split("\0")
        places = [link(pid, "exe"), link(pid, "cwd") + "/"] + words
        inside = namespaces and {link(pid, "ns/net"), link(pid, "ns/mnt")} & namespaces
        if inside or any(place.startswith(prefix) for place in places):
            found[pid] = name
    return found


def in_session(leader):
    """{pid: name} of the living processes of a session, whatever became of its leader."""
    found = {}
    for entry in os.listdir("/proc"):
        fields = stat_fields(entry) if entry.isdigit() else None
        if fields and fields[1][0] != "Z" and int(fields[1][3]) == leader and int(entry) != os.getpid():
            found[int(entry)] = fields[0]
    return found


def tree(roots, processes=None):
    """The pids of whole process trees, roots included."""
    processes = snapshot() if processes is None else processes
    children = {}
    for pid, (_, parent, _, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    todo, seen = [pid for pid in roots if pid in processes], set()
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen.add(pid)
            todo += children.get(pid, [])
    return seen


def cpu_seconds(roots):
    """CPU time of whole trees. A child that was waited for is counted in its parent."""
    processes = snapshot()
    ticks = sum(processes[pid][3] for pid in tree(roots, processes))
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_kib(roots):
    """Memory of whole trees, each shared page divided among those who share it."""
    total = 0
    for pid in tree(roots):
        for line in read(pid, "smaps_rollup").split(b"\n"):
            if line.startswith(b"Pss:"):
                total += int(line.split()[1])
    return total


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("below", "session"):
        sys.exit(__doc__)
    found = below(sys.argv[2]) if sys.argv[1] == "below" else in_session(int(sys.argv[2]))
    for pid, name in sorted(found.items()):
        print(pid, name)


if __name__ == "__main__":
    main()
