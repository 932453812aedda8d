"""The thread that brings what waits to the receiver."""

from __future__ import annotations

from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.services.sentry.delivery.clocks import Backoff, Clocks
from tux.services.sentry.delivery.envelopes import with_sent_at
from tux.services.sentry.delivery.parts import ATTACHMENT, lightened, parted
from tux.services.sentry.delivery.spool_queue import PATIENCE, REPORT
from tux.services.sentry.delivery.verdicts import Verdict, verdict_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.services.sentry.delivery.client_reports import ClientReports
    from tux.services.sentry.delivery.rate_limits import RateLimits
    from tux.services.sentry.delivery.receiver import Receiver
    from tux.services.sentry.delivery.spool import Spool
    from tux.services.sentry.delivery.spool_entry import Entry

FIRST_DELAY: Final = 0.25
LONGEST_DELAY: Final = 60.0
REPORT_SECONDS: Final = 30.0
"""Between two client reports, unless a flush asks for one."""
UPKEEP_SECONDS: Final = 30.0
"""Between two looks for what dead processes left and what has waited too long."""
SLOW_SECONDS: Final = 1.0
"""An attempt that fails after so long is not made again while somebody waits."""
SETTLING_SECONDS: Final = 0.02
"""From the first of a burst to its sending: meanwhile the loop has Python's lock for itself."""
PREPARING_SECONDS: Final = 5.0
"""Between two looks, while the receiver is away, for files that should be made ahead."""
VAIN_SECONDS: Final = 0.2
"""Somebody who waited for so long and saw no answer shows that the receiver hangs."""
TOLD_SECONDS: Final = 3600.0
"""Until something that went and came again is told again."""


class Sender:
    """Sends what waits in a spool, oldest first, with back-off while the receiver is away.

    Args:
        upkeep: what else is to be done now and then, off the loop.
    """

    def __init__(
        self,
        spool: Spool,
        receiver: Receiver,
        limits: RateLimits,
        reports: ClientReports,
        clocks: Clocks,
        upkeep: Callable[[], None] = lambda: None,
    ) -> None:
        self.limits = limits
        self._upkeep = upkeep
        self._spool = spool
        self._receiver = receiver
        self._reports = reports
        self._clocks = clocks
        self._changed = Condition()
        """Tells those who wait for the thread."""
        self._bell: SimpleQueue[None] = SimpleQueue()
        """Wakes the thread: a quarter of what telling it by a condition takes."""
        self._away = Backoff(clocks, FIRST_DELAY, LONGEST_DELAY)
        self._apart = Backoff(clocks, FIRST_DELAY, LONGEST_DELAY)
        """For what the receiver refuses again and again while it takes the rest."""
        self._is_slow = False
        self._hangs = False
        """Whether somebody waited in vain for an answer that has not come yet."""
        self._answers = 0
        self._next_report = 0.0
        self._next_upkeep = 0.0
        self._busy = True
        self._stopping = False
        self._report_now = False
        self._told: dict[str, float] = {}
        self._thread = Thread(target=self._run, name="tux-sentry-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that something new waits."""
        # A busy thread looks again by itself, after what is new was put.
        if not self._busy:
            self._busy = True
            self._bell.put(None)

    def flush(self, timeout: float) -> bool:
        """Wait until all is sent; return early when the receiver is known to be away.

        Whoever waited for it in vain does not wait again until it has answered.
        """
        end = self._clocks.monotonic() + timeout
        with self._changed:
            self._busy = self._report_now = True
            answers = self._answers
            if self._away.failures == 1 and not self._is_slow:
                # One failure may be chance: it is tried at once before it is believed.
                self._away.until = 0.0
            self._bell.put(None)
            while self._busy and not self.is_away():
                remaining = end - self._clocks.monotonic()
                if remaining <= 0 or not self._thread.is_alive():
                    self._hangs = timeout >= VAIN_SECONDS and self._answers == answers
                    return False
                self._changed.wait(remaining)
        return len(self._spool) == 0

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing that may be sent now."""
        return not self._busy

    def is_away(self) -> bool:
        """Tell whether the receiver is known to take nothing at the moment."""
        is_resting = self._is_slow or self._away.remaining() > 0
        return self._hangs or (self._away.failures > 0 and is_resting)

    def stop(self) -> None:
        """Let the thread end, after the request that it is at."""
        self._stopping = True
        self._bell.put(None)
        # Mostly it ends now, and the next start finds the spool free.
        self._thread.join(0.25)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._step()
            except Exception as error:  # noqa: BLE001  # the thread must outlive every fault
                self._tell("sender", f"Telemetry: sending failed ({type(error).__name__})")
                self._fail(self._away)
        self._end()

    def _end(self) -> None:
        # A report in the spool is told at the next start.
        self._spool.tell_losses()
        self._spool.save()
        self._spool.close()
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _step(self) -> None:
        if self._clocks.monotonic() >= self._next_upkeep:
            self._next_upkeep = self._clocks.monotonic() + UPKEEP_SECONDS
            self._keep_up()
        self._tell_of_disk()
        self._spool.prepare()
        if self._away.remaining():
            self._wait(min(self._away.remaining(), PREPARING_SECONDS))
            return
        if self._report_is_due():
            self._report_now = False
            self._next_report = self._clocks.monotonic() + REPORT_SECONDS
            self._spool.tell_losses()
        with self._changed:
            self._busy = False
            entry = self._spool.take(self.limits.blocks, apart=not self._apart.remaining())
            self._busy = entry is not None or self._report_is_due()
        if entry is not None:
            self._send(entry)
        elif not self._busy:
            limits, apart = self.limits.remaining(), self._apart.remaining()
            self._wait(min(UPKEEP_SECONDS, limits or UPKEEP_SECONDS, apart or UPKEEP_SECONDS))

    def _keep_up(self) -> None:
        self.limits.recall()
        self._spool.adopt()
        self._spool.expire()
        self._spool.clear()
        self._upkeep()
        if self._spool.holds_memory:
            self._spool.save()

    def _wait(self, seconds: float) -> None:
        self._spool.settle()
        with self._changed:
            if self._stopping or (self._busy and not self._away.remaining()):
                return
            self._changed.notify_all()
        if self._is_rung(max(seconds, 0.001)) and not (self._report_now or self._stopping):
            self._is_rung(SETTLING_SECONDS)

    def _is_rung(self, seconds: float) -> bool:
        try:
            self._bell.get(timeout=seconds)
        except Empty:
            return False
        return True

    def _send(self, entry: Entry) -> None:
        try:
            verdict = self._delivered(entry)
        except Exception as error:  # noqa: BLE001  # whatever it is, the entry must not be forgotten
            self._tell("sender", f"Telemetry: sending failed ({type(error).__name__})")
            verdict = Verdict.KEEP
        if verdict is Verdict.ARRIVED:
            self._succeed(entry)
        elif verdict is Verdict.REFUSED:
            self._spool.give_up([entry], "send_error")
        elif verdict is Verdict.KEEP:
            # One that is refused while others are not must not make those wait.
            backoff = self._apart if entry.refusals >= PATIENCE else self._away
            self._spool.put_back(entry, refused=True)
            self._fail(backoff)
        elif verdict is not None:
            self._spool.put_back(entry)
            if not self.limits.blocks(entry.category):
                self._fail(self._away)

    def _delivered(self, entry: Entry) -> Verdict | None:
        """Send an entry, whole or lighter; None when it is no more: corrupt, or in parts."""
        body = self._spool.body(entry)
        if body is None:
            self._tell("corrupt", "Telemetry: a corrupt file of the spool was set aside")
            return None
        if entry.category != ATTACHMENT and self.limits.blocks(ATTACHMENT):
            parts = parted(body, entry, self._spool.losses(entry))
            if parts is not None and self._spool.part(entry, *parts):
                return None
        verdict = self._post(body)
        light = lightened(body) if verdict is Verdict.TOO_LARGE else None
        if light is not None:
            verdict = self._post(light.body)
            if verdict is Verdict.ARRIVED and light.losses:
                file = entry.path.name if entry.path else ""
                self._reports.add("send_error", light.losses, file)
        return Verdict.REFUSED if verdict is Verdict.TOO_LARGE else verdict

    def _post(self, body: bytes) -> Verdict:
        sent_at = datetime.fromtimestamp(self._clocks.now(), UTC)
        stamped = with_sent_at(body, sent_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        began = self._clocks.monotonic()
        try:
            answer = self._receiver.post(stamped)
        except OSError as error:
            self._tell("away", f"Telemetry: the receiver is away ({error}); envelopes are kept")
            return Verdict.AWAY
        finally:
            self._is_slow = self._clocks.monotonic() - began > SLOW_SECONDS
            self._answers, self._hangs = self._answers + 1, False
        self.limits.learn(answer.status, answer.headers)
        verdict = verdict_of(answer.status)
        if verdict is not Verdict.ARRIVED:
            self._tell(f"{verdict.name} {answer.status}", _told_of(verdict, answer.status))
        return verdict

    def _report_is_due(self) -> bool:
        return (
            bool(self._reports)
            and (self._report_now or self._clocks.monotonic() >= self._next_report)
            and not self.limits.blocks(REPORT)
        )

    def _succeed(self, entry: Entry) -> None:
        self._spool.done(entry)
        self._away.succeed()
        if entry.refusals >= PATIENCE:
            self._apart.succeed()
        for about in [about for about in self._told if about != "disk"]:
            self._may_tell_again(about)
        if self._spool.holds_memory:
            self._spool.save()

    def _fail(self, backoff: Backoff) -> None:
        with self._changed:
            backoff.fail()
            self._changed.notify_all()

    def _tell_of_disk(self) -> None:
        error = self._spool.disk_error
        if error is None:
            self._may_tell_again("disk")
        else:
            self._tell(
                "disk",
                f"Telemetry: the spool {self._spool.directory.parent} cannot be written "
                f"({error.strerror or type(error).__name__}); envelopes are kept in memory",
            )

    def _tell(self, about: str, text: str) -> None:
        """Log a line once, from this thread only: a capture may come from within a log line."""
        if about not in self._told:
            self._told[about] = self._clocks.monotonic()
            logger.warning(text)

    def _may_tell_again(self, about: str) -> None:
        # Not at once: what comes and goes would fill the log.
        if self._clocks.monotonic() - self._told.get(about, 0.0) > TOLD_SECONDS:
            self._told.pop(about, None)


def _told_of(verdict: Verdict, status: int) -> str:
    if verdict is Verdict.LIMITED:
        return "Telemetry: the receiver limits what it takes; the rest is sent later"
    if verdict is Verdict.TOO_LARGE:
        return "Telemetry: an envelope is too large for the receiver; it is cut, or given up"
    if verdict is Verdict.REFUSED:
        return f"Telemetry: the receiver refused an envelope (HTTP {status}); it is given up"
    return (
        f"Telemetry: the receiver takes nothing now (HTTP {status}); envelopes are kept. "
        "If this lasts, check SENTRY_DSN."
    )
