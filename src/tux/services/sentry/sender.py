"""The thread that brings what waits to the receiver."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.services.sentry.client_reports import ClientReports, Counts
from tux.services.sentry.envelopes import pack_report, report_item, with_sent_at
from tux.services.sentry.rate_limits import RateLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.services.sentry.receiver import Receiver
    from tux.services.sentry.spool import Spool
    from tux.services.sentry.spool_files import Entry

FIRST_DELAY: Final = 0.25
LONGEST_DELAY: Final = 60.0
REPORT_SECONDS: Final = 30.0
"""Between two client reports, unless a flush asks for one."""
UPKEEP_SECONDS: Final = 30.0
"""Between two looks for what dead processes left and what has waited too long."""
_TIMEOUT: Final = 408
_TOO_MANY: Final = 429


class Verdict(Enum):
    """What an answer means for an envelope."""

    ARRIVED = auto()
    KEEP = auto()
    LIMITED = auto()
    REFUSED = auto()


def verdict_of(status: int) -> Verdict:
    """Judge a status.

    Sentry's SDKs give an envelope up at any status. We keep it on 5xx: a receiver that restarts
    answers so, and what waits is bounded.
    """
    if 200 <= status < 300:  # noqa: PLR2004  # the class of success
        return Verdict.ARRIVED
    if status == _TOO_MANY:
        return Verdict.LIMITED
    if 400 <= status < 500 and status != _TIMEOUT:  # noqa: PLR2004  # the class of the sender's faults
        return Verdict.REFUSED
    return Verdict.KEEP


# One of our own: a bot may have seeded Python's, and counts on what comes next.
_RANDOM: Final = random.Random()  # noqa: S311  # no secret hangs on it


@dataclass(slots=True)
class Clocks:
    """Time and chance, as arguments."""

    now: Callable[[], float]
    """Seconds since the epoch."""
    monotonic: Callable[[], float]
    jitter: Callable[[float], float] = field(default=lambda longest: _RANDOM.uniform(0, longest))
    """Choose a delay up to this one: full jitter keeps many bots from coming back at once."""


class Sender:
    """Sends what waits in a spool, oldest first, with back-off while the receiver is away."""

    def __init__(
        self, spool: Spool, receiver: Receiver, reports: ClientReports, clocks: Clocks
    ) -> None:
        self.limits = RateLimits(clocks.monotonic)
        self._spool = spool
        self._receiver = receiver
        self._reports = reports
        self._clocks = clocks
        self._changed = Condition()
        self._failures = 0
        self._retry_at = 0.0
        self._next_report = 0.0
        self._next_upkeep = 0.0
        self._busy = True
        self._stopping = False
        self._report_now = False
        self._answered = False
        self._told: set[str] = set()
        self._thread = Thread(target=self._run, name="tux-sentry-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that something new waits."""
        # A busy thread looks again by itself, after what is new was put.
        if not self._busy:
            with self._changed:
                self._busy = True
                self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Wait until all is sent; return early when the receiver is known to be away."""
        end = self._clocks.monotonic() + timeout
        with self._changed:
            self._busy = self._report_now = True
            if self._failures == 1:
                # One failure may be chance: it is tried at once before it is believed.
                self._retry_at = 0.0
            self._changed.notify_all()
            while self._busy and not self._is_away():
                remaining = end - self._clocks.monotonic()
                if remaining <= 0 or not self._thread.is_alive():
                    return False
                self._changed.wait(remaining)
        return len(self._spool) == 0

    def stop(self) -> None:
        """Let the thread end, after the request that it is at."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        # Mostly it ends now, and the next start finds the spool free.
        self._thread.join(0.25)

    def _is_away(self) -> bool:
        return self._failures > 0 and self._retry_at > self._clocks.monotonic()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._step()
            except Exception as error:  # noqa: BLE001  # the thread must outlive every fault
                self._tell("sender", f"Telemetry: sending failed ({type(error).__name__})")
                self._fail()
        self._end()

    def _end(self) -> None:
        counts = self._reports.take()
        if counts:
            # A report in the spool is told at the next start.
            self._spool.put(pack_report(counts, self._clocks.now()))
        self._spool.save()
        self._spool.close()
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _step(self) -> None:
        now = self._clocks.monotonic()
        if now >= self._next_upkeep:
            self._next_upkeep = now + UPKEEP_SECONDS
            self._spool.adopt()
            self._spool.expire()
        self._tell_of_disk()
        if self._is_away():
            self._wait(self._retry_at - now)
            return
        with self._changed:
            self._busy = False
            entry = self._spool.take(self.limits.blocks)
            self._busy = entry is not None or self._report_is_due()
        if entry is not None:
            self._send(entry)
        elif self._busy:
            self._send_report()
        else:
            self._wait(min(UPKEEP_SECONDS, self.limits.remaining() or UPKEEP_SECONDS))

    def _wait(self, seconds: float) -> None:
        with self._changed:
            if not self._stopping and (self._is_away() or not self._busy):
                self._changed.notify_all()
                self._changed.wait(max(seconds, 0.001))

    def _send(self, entry: Entry) -> None:
        body = self._spool.body(entry)
        if body is None:
            self._tell("corrupt", "Telemetry: a corrupt file of the spool was set aside")
            return
        counts = self._reports.take() if self._report_is_due() else Counts()
        verdict = self._post(body, counts)
        if verdict is Verdict.ARRIVED:
            self._spool.done(entry)
        elif verdict is Verdict.REFUSED:
            self._reports.add("send_error", self._spool.losses(entry))
            self._spool.done(entry)
        elif verdict is Verdict.LIMITED:
            self._spool.put_back(entry)
            if not self.limits.blocks(entry.category):
                self._fail()
        else:
            self._spool.put_back(entry, refused=self._answered)
            self._fail()

    def _send_report(self) -> None:
        counts = self._reports.take()
        if counts and self._post(b"{}\n", counts) in (Verdict.KEEP, Verdict.LIMITED):
            self._fail()

    def _report_is_due(self) -> bool:
        return bool(self._reports) and (
            self._report_now or self._clocks.monotonic() >= self._next_report
        )

    def _post(self, body: bytes, counts: Counts) -> Verdict:
        """Send an envelope, and the client report with it."""
        now = self._clocks.now()
        sent_at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        report = report_item(counts, now) if counts else b""
        self._answered = False
        try:
            answer = self._receiver.post(with_sent_at(body, sent_at) + report)
        except OSError as error:
            self._reports.restore(counts)
            self._tell("away", f"Telemetry: the receiver is away ({error}); envelopes are kept")
            return Verdict.KEEP
        self._answered = True
        self.limits.learn(answer.status, answer.headers)
        verdict = verdict_of(answer.status)
        self._learn(verdict, answer.status, counts)
        return verdict

    def _learn(self, verdict: Verdict, status: int, counts: Counts) -> None:
        if verdict is Verdict.ARRIVED:
            self._succeed()
            if counts:
                self._next_report = self._clocks.monotonic() + REPORT_SECONDS
                self._report_now = False
            return
        self._reports.restore(counts)
        if verdict is Verdict.REFUSED:
            self._tell(
                f"refused {status}",
                f"Telemetry: the receiver refused an envelope (HTTP {status}); it is given up. "
                "Check SENTRY_DSN.",
            )

    def _succeed(self) -> None:
        self._failures = 0
        self._told -= {"away", "sender"}
        if self._spool.disk_error is not None:
            self._spool.save()

    def _fail(self) -> None:
        with self._changed:
            self._failures += 1
            longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(self._failures, 16))
            self._retry_at = self._clocks.monotonic() + self._clocks.jitter(longest)
            self._changed.notify_all()

    def _tell_of_disk(self) -> None:
        error = self._spool.disk_error
        if error is None:
            self._told.discard("disk")
        else:
            self._tell(
                "disk",
                f"Telemetry: the spool {self._spool.directory.parent} cannot be written "
                f"({error.strerror or type(error).__name__}); envelopes are kept in memory",
            )

    def _tell(self, about: str, text: str) -> None:
        """Log a line once, from this thread only: a capture may come from within a log line."""
        if about not in self._told:
            self._told.add(about)
            logger.warning(text)
