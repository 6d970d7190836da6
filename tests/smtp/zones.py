"""Sockets inside another network namespace, for a laboratory whose zones are such (tests/lab)."""
import contextlib
import ctypes
import os
import socket

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(descriptor):
    # Python has os.setns from 3.12 on.
    if LIBC.setns(descriptor, CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, f"setns: {os.strerror(code)}")


@contextlib.contextmanager
def network(holder):
    """Within, the sockets that this thread makes belong to the network of the process holder; others see no change."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.open(f"/proc/{holder}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            enter(home)
    finally:
        os.close(home)


def connect(holder, address, timeout=60, source=None):
    """A TCP connection from the network of the process holder; source: the address that it comes from."""
    with network(holder):
        return socket.create_connection(address, timeout, (source, 0) if source else None)
