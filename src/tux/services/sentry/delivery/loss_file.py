"""The file in which a process keeps what it gave up and has not told yet.

``losses-<id>``, of lines ``+ <category> <reason> <quantity>`` and ``x <file>``. It is appended to
with one write for each loss, so that a kill leaves whole lines.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST: Final = 64 * 1024
"""Bytes after which the lines are summed up: a day of unsampled transactions is many lines."""
NAME: Final = re.compile(r"losses-([0-9a-f]{32})")
_COUNT = re.compile(r"\+ (\S{1,64}) (\S{1,64}) (\d{1,18})")
_GIVEN_UP = re.compile(r"x (\S{1,200})")
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


class LossFile:
    """One such file, open for writing. Its methods raise ``OSError`` when the disk does not."""

    def __init__(self, path: Path, id_: str, file: int, size: int) -> None:
        self.path = path
        self.id = id_
        self._file = file
        self._size = size

    @classmethod
    def create(cls, folder: Path, counts: Mapping[tuple[str, str], int], given_up: str) -> LossFile:
        """Write a new file, there whole or not at all."""
        id_ = uuid4().hex
        path = folder / f"losses-{id_}"
        return cls(path, id_, *written(path, _lines(counts, given_up)))

    @property
    def is_long(self) -> bool:
        """Tell whether the lines should be summed up."""
        return self._size > LONGEST

    def append(self, counts: Mapping[tuple[str, str], int], given_up: str) -> None:
        """Write down some more."""
        lines = _lines(counts, given_up)
        written = os.write(self._file, lines)
        if written < len(lines):
            # A full disk takes half a line: it would make nonsense of the next one.
            os.ftruncate(self._file, self._size)
            raise OSError("the disk is full")
        self._size += written

    def renew(self, counts: Mapping[tuple[str, str], int], given_up: str) -> None:
        """Write the sums in place of the lines."""
        file, size = written(self.path, _lines(counts, given_up))
        os.close(self._file)
        self._file, self._size = file, size

    def close(self) -> None:
        """Write no more."""
        with suppress(OSError):
            os.close(self._file)


def write_whole(file: int, content: bytes) -> None:
    """Write all of it, whatever the disk takes at once.

    Raises:
        OSError: the disk takes no more.
    """
    done = os.write(file, content)
    while done < len(content):
        done += os.write(file, memoryview(content)[done:])


def read_losses_left(path: Path) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Return the counts in a file, and the names of files that were given up with them."""
    counts: Counter[tuple[str, str]] = Counter()
    given_up: list[str] = []
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(file, encoding="utf-8", errors="replace") as stream:
        for line in stream.read().split("\n"):
            if count := _COUNT.fullmatch(line):
                counts[count[1], count[2]] += int(count[3])
            elif name := _GIVEN_UP.fullmatch(line):
                given_up.append(name[1])
    return counts, given_up


def _lines(counts: Mapping[tuple[str, str], int], given_up: str) -> bytes:
    lines = [
        f"+ {category} {reason} {quantity}\n" for (category, reason), quantity in counts.items()
    ]
    if given_up:
        lines.append(f"x {given_up}\n")
    return "".join(lines).encode(errors="replace")


def written(path: Path, content: bytes) -> tuple[int, int]:
    """Write a file, there whole or not at all, and return it still open, with its size.

    Raises:
        OSError: the disk is full, read-only or gone.
    """
    hidden = path.with_name(f".{path.name}")
    file = os.open(hidden, _NEW, 0o600)
    try:
        write_whole(file, content)
        hidden.rename(path)
    except OSError:
        os.close(file)
        with suppress(OSError):
            hidden.unlink()
        raise
    return file, len(content)
