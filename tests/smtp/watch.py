#!/usr/bin/env python3
"""watch.py PID COMMAND...: waits until the process PID is gone, then becomes COMMAND.

A test that is killed by its time limit cannot clean up; this does it in its place.
"""
import os
import select
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        select.select([os.pidfd_open(int(sys.argv[1]))], [], [])
    except ProcessLookupError:
        pass
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
