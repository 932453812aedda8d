"""Runs a command in whose folder no second one may work: that one is told so at once, and ends."""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

LOCK = "making.lock"


def is_alone_in(folder: Path) -> bool:
    """Lock a folder for this process and for what it becomes; the system lets go, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(lock, fcntl.F_SETFD, 0)  # goes on into the command
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    if not is_alone_in(Path(sys.argv[1])):
        told = f"Another make is installing into {sys.argv[1]}"
        sys.exit(f"{told}: wait until it is done, and call this again.")
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  # the Makefile's own line
