"""The run of a process as a session of release health, of which the next run tells the end.

https://develop.sentry.dev/sdk/telemetry/sessions/ (read for sentry-sdk 2.75). The form is the SDK's;
what it does with sessions is made for servers: see docs/decisions.md.

While the run lasts its state is in a file of the spool's directory that the process has locked.
Whoever finds the lock free and the file there tells that the run crashed.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from sentry_sdk.session import Session

from tux.services.sentry.delivery.client_reports import Loss
from tux.services.sentry.delivery.envelopes import Parcel, lines_of
from tux.services.sentry.delivery.loss_file import written

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from tux.services.sentry.delivery.clocks import Clocks

    Status = Literal["exited", "crashed", "abnormal"]

FILE: Final = "session"
CATEGORY: Final = "session"
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_MOST: Final = 4096
"""Bytes that such a file may have."""


class RunSession:
    """The session of this run. Any thread may call, and its own thread within a call.

    Args:
        folder: of the spool, that this process has locked; None while there is none.
        send: is given each state that the receiver should know.
    """

    def __init__(
        self,
        release: str,
        environment: str,
        clocks: Clocks,
        folder: Callable[[], Path | None],
        send: Callable[[dict[str, Any]], None],
    ) -> None:
        self.has_crashed = False
        """Whether an exception that nobody caught is ending the process."""
        self._clocks = clocks
        self._folder = folder
        self._send = send
        self._session = Session(
            started=_time(clocks.now()), release=release, environment=environment
        )
        self._began = clocks.monotonic()
        self._errors = self._told = 0
        self._is_open = True
        self._lock = RLock()

    def begin(self) -> None:
        """Say that the run has begun."""
        # First in the file: a run that is killed now has begun, too, and the next tells all of it.
        self._write(self._state("ok", is_first=True))
        self._send(self._state("ok", is_first=True))
        self._write(self._state("ok"))

    def count_error(self) -> None:
        """Count an error, sent or held back."""
        # Not locked: a storm counts thousands, and one more or less changes nothing.
        self._errors += 1

    def keep_up(self) -> None:
        """Write the state down, and say so when the first errors came. Not for the loop."""
        with self._lock:
            if not self._is_open:
                return
            if self._errors and not self._told:
                self._told = self._errors
                self._send(self._state("ok"))
            self._write(self._state("ok"))

    def end(self, status: Status | None = None) -> None:
        """Say how the run ended; a second call says nothing."""
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            ended = status or ("crashed" if self.has_crashed else "exited")
            # First in the file: who kills the process now lets the next run tell the same.
            self._write(self._state(ended))
            self._send(self._state(ended))
            folder = self._folder()
            if folder is not None:
                with suppress(OSError):
                    (folder / FILE).unlink()

    def _state(self, status: str, *, is_first: bool = False) -> dict[str, Any]:
        session = self._session
        session.update(
            timestamp=_time(self._clocks.now()),
            duration=round(self._clocks.monotonic() - self._began, 3),
            errors=self._errors,
        )
        session.status = status  # type: ignore[assignment]  # one of the protocol's
        state: dict[str, Any] = session.to_json()
        # The SDK tells a session once. A receiver counts one for each that says it is the first.
        state["init"] = is_first
        return state

    def _write(self, session: dict[str, Any]) -> None:
        folder = self._folder()
        if folder is not None:
            state = {"boot": _boot(), "session": session}
            # Without a disk a crash is not told: there is nobody to find the file.
            with suppress(OSError):
                os.close(written(folder / FILE, json.dumps(state).encode())[0])


def left_by_the_dead(folder: Path) -> Parcel | None:
    """Read how a run ended of which only the file is left; None where there is no such file.

    Crashed, whoever killed it; abnormal where the machine stopped under it.
    """
    try:
        with (folder / FILE).open("rb") as file:
            kept = json.loads(file.read(_MOST))
        session: dict[str, Any] = dict(kept["session"])
        sid = str(session["sid"])
        if session["status"] == "ok":
            session["status"] = "crashed" if kept["boot"] == _boot() else "abnormal"
    except (OSError, ValueError, TypeError, LookupError):
        return None
    # The same each time: a run that is killed while it tells this makes no second one.
    id_ = uuid5(NAMESPACE_URL, f"end:{sid}").hex
    return Parcel(id_, CATEGORY, (Loss(CATEGORY, 1),), b"{}\n" + lines_of(CATEGORY, session))


def _boot() -> str:
    """Tell one start of this machine from the next; the same word where it does not tell."""
    try:
        return _BOOT.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
