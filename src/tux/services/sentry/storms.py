"""When a storm of errors is over, one event says how many of them were held back."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from threading import Lock, Timer
from types import CodeType
from typing import TYPE_CHECKING, Final

import sentry_sdk

from tux.services.sentry.health import contained
from tux.services.sentry.units import pristine_scope

if TYPE_CHECKING:
    from tux.services.sentry.limiting import Fingerprint, Limiter, Storm

MOST_CHARACTERS: Final = 200
"""Of a tag: https://develop.sentry.dev/sdk/data-model/event-payloads/#optional-attributes"""
QUIET_SECONDS: Final = 10.0
"""A storm is over when nothing of its kind was held back for so long."""


class StormWatch:
    """Looks at a limiter, in a thread of its own, while something is held back. Any thread may call."""

    def __init__(self, limiter: Limiter, quiet: float = QUIET_SECONDS) -> None:
        self._limiter = limiter
        self._quiet = quiet
        self._timer: Timer | None = None
        self._armed_in = 0
        """Process in which the timer runs."""
        self._is_stopped = False
        # Nobody waits for it. A thread that is started may begin by collecting garbage, and so tell
        # of a task's error, and come here, while its starter waits for it to run.
        self._arming = Lock()

    def stir(self) -> None:
        """Begin to look: something was held back."""
        # A timer does not run on in a process that is forked.
        if self._armed_in != os.getpid():
            self._arm()

    def tell(self, quiet: float = 0.0) -> None:
        """Send a summary of each storm that is over, by default of all that were not told of yet."""
        # The thread has the scopes of whoever met the storm first, and a flush those of its caller.
        with contained(), pristine_scope():
            for storm in self._limiter.take_storms(quiet):
                _send(storm)

    def stop(self) -> None:
        """Look no more."""
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        # A thread that is started while Python ends never runs, and its starter waits for it.
        if self._is_stopped or sys.is_finalizing() or not self._arming.acquire(blocking=False):
            return
        with contained():
            timer = Timer(self._quiet, self._look)
            timer.daemon = True
            timer.start()
            self._timer, self._armed_in = timer, os.getpid()
        self._arming.release()

    def _look(self) -> None:
        self.tell(self._quiet)
        self._timer, self._armed_in = None, 0
        if self._limiter.has_untold:
            self._arm()


def _send(storm: Storm) -> None:
    what = describe(storm.fingerprint)
    sentry_sdk.capture_message(
        f"{storm.count} more of {what} were held back",
        level="warning",
        fingerprint=["storm", what],
        contexts={
            "suppressed": {
                "count": storm.count,
                "since": _time(storm.since),
                "until": _time(storm.until),
            }
        },
        tags={"storm": what},
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def describe(fingerprint: Fingerprint) -> str:
    """Name the kind of error that a fingerprint stands for."""
    words = [
        part.__name__
        if isinstance(part, type)
        else part.co_name
        if isinstance(part, CodeType)
        else str(part)
        for part in fingerprint
        if part is not None
    ]
    return " ".join(words)[:MOST_CHARACTERS]
