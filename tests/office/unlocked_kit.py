#!/usr/bin/python3 -B
"""unlocked_kit.py PROFILE-URL: LibreOfficeKit with macros allowed, as an embedder that trusts its documents would use it.

Reads lines "IN|OUT" (URLs) and answers each with "done" or "refused", so that who asks knows which document ended the process.
"""
import ctypes
import os
import sys

PROGRAM = b"/usr/lib/libreoffice/program"
TRUST = b"EnableMacrosExecution=true,MacroSecurityLevel=0"
LOAD_WITH_OPTIONS, DESTROY, SAVE_AS = 4, 1, 2  # places in the classes' tables of functions (LibreOfficeKit.h)


class Thing(ctypes.Structure):
    _fields_ = [("table", ctypes.POINTER(ctypes.c_void_p))]


HANDLE = ctypes.POINTER(Thing)


def method(thing, place, result, *arguments):
    return ctypes.CFUNCTYPE(result, HANDLE, *arguments)(thing.contents.table[place])


def main(profile):
    hook = ctypes.CDLL(PROGRAM.decode() + "/libmergedlo.so", mode=ctypes.RTLD_GLOBAL).libreofficekit_hook_2
    hook.restype, hook.argtypes = HANDLE, [ctypes.c_char_p] * 2
    kit = hook(PROGRAM, profile.encode())
    load = method(kit, LOAD_WITH_OPTIONS, HANDLE, ctypes.c_char_p, ctypes.c_char_p)
    for line in sys.stdin:
        source, target = line.strip().split("|")
        document = load(kit, source.encode(), TRUST)
        if document:
            save = method(document, SAVE_AS, ctypes.c_int, *[ctypes.c_char_p] * 3)
            save(document, target.encode(), b"pdf", None)
            method(document, DESTROY, None)(document)
        print("done" if document else "refused", flush=True)
    os._exit(0)  # no farewell: LibreOffice's own destructors crash now and then


if __name__ == "__main__":
    main(sys.argv[1])
