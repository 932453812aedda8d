"""Empty files that were made ahead: making one is the slow part of keeping an envelope.

On ext4 a new file takes from 0.1 ms to over a millisecond, writing to one that is open and giving
it its name 0.03. The sender's thread makes them while the loop has other things to do; where there
is none left, an envelope's file is made when it comes.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

KEPT: Final = 32
"""Files that are kept open: more than a burst that passes the limiter mostly needs."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE: Final = 0o600


class Spares:
    """Open, empty, hidden files of one folder. Threads may take and fill at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._files: deque[tuple[int, str]] = deque()
        self._numbers = count()
        self._is_closed = False

    def take(self, name: str) -> tuple[int, str]:
        """Give an open file and its name; one is made by this name where none is left.

        Raises:
            OSError: none can be made.
        """
        try:
            return self._files.popleft()
        except IndexError:
            return os.open(f"{self._folder}/{name}", _NEW, _MODE), name

    def rename(self, name: str, new: str) -> None:
        """Rename a file of the folder.

        Raises:
            OSError: it cannot be renamed, or the folder is gone.
        """
        # By its path: a folder that was moved away is then missed at once.
        os.rename(f"{self._folder}/{name}", f"{self._folder}/{new}")  # noqa: PTH104  # a Path costs as much again

    def fill(self) -> None:
        """Make those that are missing, as far as the disk lets us."""
        with suppress(OSError):
            while len(self._files) < KEPT and not self._is_closed:
                name = f".spare-{next(self._numbers)}"
                self._files.append((os.open(f"{self._folder}/{name}", _NEW, _MODE), name))

    def close(self, *, remove: bool) -> None:
        """Let go of all; in a fork the files themselves are the parent's."""
        self._is_closed = True
        while self._files:
            file, name = self._files.popleft()
            with suppress(OSError):
                os.close(file)
            if remove:
                with suppress(OSError):
                    os.unlink(f"{self._folder}/{name}")  # noqa: PTH108  # as above
