"""Files of the spool: a directory per process, a file per envelope.

``<root>/<receiver>/<pid>-<ns>/<ns>-<seq>-<category>-<id>.env``; while a process lives it holds an
exclusive ``flock`` on the ``lock`` of its directory. A file's first line carries length, checksum and
name; the envelope follows, and zeros may follow that, of the blank that it was written over. So it may be
written before it has its name: what is mostly sent within a moment never gets it, and of a process that
was killed the files that are whole are known by that line. What was given up meanwhile stands in a
``losses-<id>`` beside them: see `loss_file`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
import zlib
from contextlib import suppress
from functools import lru_cache
from stat import S_ISDIR
from typing import TYPE_CHECKING, Final

from tux.services.sentry.delivery.client_reports import Loss
from tux.services.sentry.delivery.loss_file import NAME as LOSSES_NAME
from tux.services.sentry.delivery.loss_file import write_whole
from tux.services.sentry.delivery.spool_entry import Entry, file_name
from tux.services.sentry.delivery.spool_spares import BLANK, PAGE, Spares
from tux.shared.spool_line import NAMED, UNNAMED, envelope_within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tux.services.sentry.delivery.envelopes import Parcel

_NAME = re.compile(r"(\d{19,20})-(\d{10})-([a-z_]{1,32})-([0-9A-Za-z]{32})" + re.escape(NAMED))
_LOCK: Final = "lock"
ASIDE: Final = "corrupt"
"""Folder of files that were set aside."""
_ASIDE_KEPT: Final = 100
"""Corrupt files that are kept for a person to look at."""
MOST_JOTTED: Final = 256 * 1024
"""Bytes of an envelope that stays in memory, too, until its file has a name."""
_ABANDONED_SECONDS: Final = 3600.0
_DIR_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class CorruptFileError(Exception):
    """A file of the spool is not what was written."""


class Run:
    """The directory of one run of a process, locked while this object is open."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock
        self._spares = Spares(path)

    @classmethod
    def create(cls, parent: Path, name: str) -> Run:
        """Make a directory that is locked from the moment others can see it.

        Raises:
            OSError: it cannot be made, or belongs to someone else.
        """
        parent.parent.mkdir(_DIR_MODE, parents=True, exist_ok=True)
        # A folder that somebody chose may be shared, and stays so. Ours is shut.
        _own(parent.parent)
        parent.mkdir(_DIR_MODE, exist_ok=True)
        _own(parent)
        if parent.lstat().st_mode & 0o077:
            parent.chmod(_DIR_MODE)
        hidden = parent / f".{name}"
        hidden.mkdir(_DIR_MODE)
        lock = os.open(hidden / _LOCK, _WRITE, _FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            hidden.rename(parent / name)
        except OSError:
            os.close(lock)
            raise
        return cls(parent / name, lock)

    @classmethod
    def adopt(cls, parent: Path) -> Iterator[Run]:
        """Lock, one after the other, the directories whose processes are dead."""
        paths: list[Path] = []
        with suppress(OSError):
            paths = sorted(parent.iterdir())
        for path in paths:
            if path.name.startswith("."):
                _clear_abandoned(path)
            elif path.name != ASIDE:
                with suppress(OSError):
                    yield cls(path, _locked(path / _LOCK))

    def entries(self) -> list[Entry]:
        """Read what waits here, and clear what a killed process left half written."""
        found: list[Entry] = []
        for file in self._files():
            with suppress(OSError):
                if (entry := entry_of(file)) is not None:
                    found.append(entry)
                elif file.name.startswith("."):
                    file.unlink()
        return found

    def loss_files(self) -> list[tuple[str, Path]]:
        """List what a process wrote of its losses: ids and files."""
        found = ((LOSSES_NAME.fullmatch(file.name), file) for file in self._files())
        return [(match[1], file) for match, file in found if match]

    def _files(self) -> list[Path]:
        try:
            return list(self.path.iterdir())
        except OSError:
            return []

    def write(self, order: tuple[int, int], parcel: Parcel) -> Entry:
        """Write a file that is there whole or not at all.

        Raises:
            OSError: the disk is full, read-only or gone.
        """
        name = file_name(order, parcel.category, parcel.id)
        content = _head(name, parcel) + parcel.body
        path = self.path / f".{name}"
        file = os.open(path, _WRITE, _FILE_MODE)
        try:
            try:
                write_whole(file, content)
            finally:
                os.close(file)
            path = path.rename(self.path / name)
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        return Entry(order, parcel.category, parcel.id, len(content), path, None)

    def jot(self, order: tuple[int, int], parcel: Parcel) -> Entry | None:
        """Write to a file that was made ahead, and leave its name for later; None where there is none.

        Raises:
            OSError: the disk is full.
        """
        spare = self._spares.take() if len(parcel.body) <= MOST_JOTTED else None
        if spare is None:
            return None
        file, path = spare
        content = _head(file_name(order, parcel.category, parcel.id), parcel) + parcel.body
        size = len(content)
        try:
            _write_over(file, content + BLANK[: -size % PAGE])
        except OSError:
            with suppress(OSError):
                path.unlink()
            raise
        finally:
            self._spares.leave(file)
        return Entry(order, parcel.category, parcel.id, size, path, None, fresh=parcel)

    def prepare(self) -> None:
        """Make files ahead, so that `jot` does not wait for the disk to make one."""
        self._spares.fill()

    def take_in(self, entry: Entry) -> None:
        """Move an entry's file in here, under its name.

        Raises:
            OSError: it cannot be moved, and stays where it is.
        """
        assert entry.path is not None  # noqa: S101  # the caller's: only files can be moved
        if entry.path.name.endswith(UNNAMED):
            os.truncate(entry.path, entry.size)
        entry.path = entry.path.rename(self.path / entry.name)
        entry.fresh = None

    def close(self) -> None:
        """Let go of the directory, and remove it when nothing waits in it."""
        self._spares.close(remove=True)
        with suppress(OSError):
            if all(file.name == _LOCK for file in self.path.iterdir()):
                (self.path / _LOCK).unlink()
                self.path.rmdir()
        self.forget()

    def forget(self) -> None:
        """Close the lock and leave the directory: in a fork, it is the parent's."""
        self._spares.close(remove=False)
        with suppress(OSError):
            os.close(self._lock)
        self._lock = -1


def entry_of(file: Path) -> Entry | None:
    """Read what a file's name says, or its first line; None where it is no envelope, or not whole.

    Raises:
        OSError: it is no more.
    """
    name, size = file.name, file.lstat().st_size
    if name.endswith(UNNAMED):
        name, size = _name_within(file)
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return Entry((int(match[1]), int(match[2])), match[3], match[4], size, file, None)


def _name_within(file: Path) -> tuple[str, int]:
    """Read the name in a file that was written whole, and its bytes; no name where it was not."""
    head, _, rest = _content(file).partition(b"\n")
    found = envelope_within(head, rest)
    return (str(found[0][-1]), len(head) + 1 + len(found[1])) if found else ("", 0)


def read_body(path: Path) -> bytes:
    """Return the envelope in a file.

    Raises:
        CorruptFileError: the file is cut or changed.
        OSError: it cannot be read.
    """
    head, _, rest = _content(path).partition(b"\n")
    found = envelope_within(head, rest)
    if found is None:
        raise CorruptFileError(path.name)
    return found[1]


def read_losses(path: Path, category: str) -> tuple[Loss, ...]:
    """Tell what is lost with a file; one that cannot be read is one of its category."""
    try:
        head = _content(path, 4096).partition(b"\n")[0]
        _, _, losses, *_ = json.loads(head)
        return tuple(Loss(str(name), int(count)) for name, count in losses)
    except (OSError, ValueError, TypeError, RecursionError):
        return (Loss(category, 1),)


def set_aside(path: Path, parent: Path) -> None:
    """Keep a corrupt file for a person to look at."""
    with suppress(OSError):
        aside = parent / ASIDE
        aside.mkdir(_DIR_MODE, exist_ok=True)
        path.replace(aside / path.name)
        for old in sorted(aside.iterdir())[:-_ASIDE_KEPT]:
            old.unlink()
        return
    with suppress(OSError):
        path.unlink()


def _head(name: str, parcel: Parcel) -> bytes:
    body = parcel.body
    facts = (len(body), zlib.crc32(body), _spelled(parcel.losses), name.encode())
    return b'[%d,%d,%b,"%b"]\n' % facts


@lru_cache(256)
def _spelled(losses: tuple[Loss, ...]) -> bytes:
    """Write losses down: mostly they are the same few."""
    return json.dumps(losses, separators=(",", ":")).encode()


def _write_over(file: int, content: bytes) -> None:
    """Write all of it from the beginning of a file, whatever the disk takes at once."""
    done = os.pwrite(file, content, 0)
    while done < len(content):
        done += os.pwrite(file, memoryview(content)[done:], done)


def _content(path: Path, limit: int | None = None) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as stream:
        return stream.read(-1 if limit is None else limit)


def _locked(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        # What waits on a disk that has become read-only can still be sent.
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file


def _clear_abandoned(path: Path) -> None:
    """Remove a directory whose process was killed between making and showing it."""
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > _ABANDONED_SECONDS:
            (path / _LOCK).unlink(missing_ok=True)
            path.rmdir()


def _own(path: Path) -> None:
    """Refuse a directory that another user could have laid for us."""
    facts = path.lstat()
    if not S_ISDIR(facts.st_mode) or os.geteuid() not in (facts.st_uid, 0):
        raise PermissionError(f"{path} is not a directory of this user")
