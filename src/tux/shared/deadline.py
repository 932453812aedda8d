"""The last resort of a stop: a process that does not end in time is ended."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

OVERDUE: Final = 70
"""Exit code of a process that had to be ended (EX_SOFTWARE)."""
STANDARD_ERROR: Final = 2


class Deadline:
    """Ends the process so many seconds after a signal, if it has not ended by itself.

    A thread waits, and not a timer of the loop: what does not let the process end is most likely
    something that holds the loop.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        # A pipe: in a signal's handler a lock may be held by whatever was interrupted.
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        Thread(target=self._wait, name="tux-deadline", daemon=True).start()

    def watch(self, number: int) -> None:
        """Begin to count when this signal comes; the loop's own handler of it goes on."""
        signal.signal(number, self._begin)

    def _begin(self, _number: int, _frame: FrameType | None) -> None:
        try:
            os.write(self._write, b"!")
        except OSError:
            return

    def _wait(self) -> None:
        os.read(self._read, 1)
        # A second signal changes nothing.
        time.sleep(self._seconds)
        text = f"the bot did not stop within {self._seconds:g} seconds and is ended\n"
        # Who started it may be gone, and its end of the pipe with it.
        with suppress(OSError):
            os.write(STANDARD_ERROR, text.encode())
        os._exit(OVERDUE)
