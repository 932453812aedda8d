"""Blank files that were made ahead: making one is the slow part of keeping an envelope.

On ext4 a new file takes from 0.1 ms to over a millisecond, closing one and giving it a name about
as long as writing to it, and writing where nothing was written before twice as long as writing over
something. The sender's thread makes them while the loop has other things to do, and closes those that
were written to; where there is none left, an envelope's file is made when it comes.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from tux.services.sentry.delivery.loss_file import write_whole
from tux.shared.spool_line import UNNAMED

KEPT: Final = 32
"""Files that are kept open: more than a burst that passes the limiter mostly needs."""
PAGE: Final = 4096
"""Bytes that a system reads and writes at once; a part of one that is not in memory is read first."""
BLANK: Final = bytes(4 * PAGE)
"""What is in a file; most envelopes are shorter."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE: Final = 0o600


class Spares:
    """Open, blank, hidden files of one folder. Threads may take and fill at once."""

    def __init__(self, folder: Path) -> None:
        # The run's own name is in theirs: a file may be noted by its name alone.
        self._prefix = f"{folder}/.{folder.name}-"
        self._files: deque[tuple[int, Path]] = deque()
        self._written: deque[int] = deque()
        self._numbers = count()
        self._is_closed = False

    def take(self) -> tuple[int, Path] | None:
        """Give an open file, to be given back by `leave`; None where none is left."""
        try:
            return self._files.popleft()
        except IndexError:
            return None

    def leave(self, file: int) -> None:
        """Let the next `fill` close a file."""
        self._written.append(file)

    def fill(self) -> None:
        """Close those that were written to, and make those that are missing, as the disk lets us."""
        self._close_written()
        with suppress(OSError):
            while len(self._files) < KEPT and not self._is_closed:
                name = f"{self._prefix}{next(self._numbers)}{UNNAMED}"
                self._files.append((_blank(name), Path(name)))
        if self._is_closed:
            # Meanwhile, by another thread.
            self.close(remove=True)

    def close(self, *, remove: bool) -> None:
        """Let go of all; in a fork the files themselves are the parent's."""
        self._is_closed = True
        self._close_written()
        while self._files:
            file, path = self._files.popleft()
            with suppress(OSError):
                os.close(file)
            if remove:
                with suppress(OSError):
                    path.unlink()

    def _close_written(self) -> None:
        with suppress(IndexError):
            while True:
                with suppress(OSError):
                    os.close(self._written.popleft())


def _blank(name: str) -> int:
    file = os.open(name, _NEW, _MODE)
    try:
        write_whole(file, BLANK)
    except OSError:
        os.close(file)
        with suppress(OSError):
            Path(name).unlink()
        raise
    return file
