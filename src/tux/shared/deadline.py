"""The last resort of a stop: a process that does not end in time is ended."""

from __future__ import annotations

import os
import select
import signal
import sys
from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

OVERDUE: Final = 70
"""Exit code of a process that had to be ended (EX_SOFTWARE)."""


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

    def lift(self) -> None:
        """Let the process take as long as it likes."""
        os.close(self._write)

    def _begin(self, _number: int, _frame: FrameType | None) -> None:
        try:
            os.write(self._write, b"!")
        except OSError:
            return

    def _wait(self) -> None:
        if os.read(self._read, 1):
            # Until it is lifted, which is the end of the pipe; a second signal changes nothing.
            poll = select.poll()
            poll.register(self._read, select.POLLHUP)
            if not poll.poll(self._seconds * 1000):
                text = f"the bot did not stop within {self._seconds:g} seconds and is ended\n"
                os.write(sys.stderr.fileno(), text.encode())
                os._exit(OVERDUE)
        os.close(self._read)
