"""One station a file: two would evaluate alerts twice, and each would hold what the other reads."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from tux.shared.exceptions import TuxConfigurationError, TuxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def unusable(path: Path, error: OSError | sqlite3.Error) -> TuxConfigurationError:
    """Say that a path cannot be the station's file; on a full disk it may be, later."""
    hint = f"{path} cannot be used as the station's file: {error}."
    if isinstance(error, OSError):
        is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    else:
        is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return (TuxUnavailableError if is_full else TuxConfigurationError)("STATION_PATH", hint)


@contextmanager
def alone(path: Path) -> Iterator[Callable[[str], None]]:
    """Keep other stations from a file within a ``with`` block; the system lets go with the process.

    What it gives is told the address of this one, for commands beside it: see ``address_of``.
    Commands that look or change something beside a station that runs need no lock.

    Raises:
        TuxUnavailableError: another station has it, or the disk is full.
        TuxConfigurationError: the lock cannot be written.
    """
    if not path.name:
        raise TuxConfigurationError("STATION_PATH", f"{path} is a folder; name a file in it.")
    name = _name_of(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(path, error) from error
    with os.fdopen(descriptor, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = lock.readline(20).strip() or "unknown"
            hint = (
                f"{path} is in use by another station (process {process}). Look at the pages of that "
                "one, stop it, or give this one a file of its own."
            )
            raise TuxUnavailableError("STATION_PATH", hint) from None
        try:
            _write(descriptor, f"{os.getpid()}\n")
        except OSError as error:
            raise unusable(path, error) from error
        try:
            yield partial(_announce, descriptor)
        finally:
            with suppress(OSError):
                _write(descriptor, "")


def address_of(path: Path) -> str | None:
    """Tell where the station of a file is reached; None where none runs, or it has not said so yet."""
    try:
        process, address = _name_of(path).read_text(encoding="utf-8").splitlines()[:2]
        # The lock is not asked for: a station that starts meanwhile would take us for another one.
        os.kill(int(process), 0)
    except (OSError, ValueError, OverflowError):
        return None
    return address


def _name_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _announce(descriptor: int, address: str) -> None:
    """Write the address down; on a full disk nobody is told."""
    with suppress(OSError):
        _write(descriptor, f"{os.getpid()}\n{address}\n")


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
