"""How long commands take: each run by its context, not by its name.

The instrumentation tells of each run once, unless the bot's own code tells of it.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass

import sentry_sdk

from tux.services.sentry.health import note_fault
from tux.services.sentry.policy import decide
from tux.services.sentry.runs import batcher_of
from tux.services.sentry.units import Work, current_work, unit_of_work

MAX_RUNS = 100
"""Commands that one unit of work may have started and not ended: those that never end are dropped."""


@dataclass(slots=True)
class Run:
    """One run of a command that is being measured."""

    name: str
    began: float
    work: Work | None
    """The unit of work that runs it."""
    waited: float
    """Seconds that the unit had waited for people before."""
    has_ended: bool = False
    is_told: bool = False
    """Whether the instrumentation has told of it, for it did not end in time."""

    @property
    def people_seconds(self) -> float:
        """How long it has waited for people so far."""
        return 0.0 if self.work is None else self.work.people_seconds - self.waited


_runs: ContextVar[tuple[Run, ...]] = ContextVar("tux_runs", default=())


def track_command_start(name: str) -> None:
    """Begin to measure one run of a command."""
    work = current_work()
    run = Run(name, time.perf_counter(), work, 0.0 if work is None else work.people_seconds)
    # The task that started it, or one that it started, finds it again by the context; listeners,
    # which run in a task of their own each, by the unit that they share with the command.
    _runs.set((*(other for other in _runs.get()[-MAX_RUNS:] if not other.has_ended), run))
    if work is not None:
        work.runs.append(run)
        del work.runs[:-MAX_RUNS]


def track_command_end(
    name: str, *, success: bool, error: BaseException | None = None
) -> float | None:
    """End the run of this command that was begun in this context.

    Result and duration go to the transaction around it, to metrics and to a breadcrumb. What it
    waited for people is not its own slowness: that is another metric.

    Returns:
        Milliseconds without waits for people, None where no run of this name was begun here.
    """
    run = _find_run(name)
    if run is None:
        return None
    waited = run.people_seconds * 1000
    for work in (run.work, current_work()):
        if work is not None:
            work.is_measured = True
            run.is_told |= work.is_told
    # A unit holds its runs: what is over does not hold the unit in turn.
    run.work = None
    milliseconds = max(0.0, (time.perf_counter() - run.began) * 1000 - waited)
    result = "success" if success else "failure"
    attributes = {"command": name, "result": result}
    if error is not None:
        attributes["error"] = type(error).__name__
    if not success:
        attributes["status"] = decide(error).status if error else "internal_error"
    _tell_transaction(milliseconds, attributes)
    if not run.is_told:
        _tell_metrics(milliseconds, waited, attributes)
    sentry_sdk.add_breadcrumb(
        category="command",
        message=f"{name}: {result}",
        level="info" if success else "warning",
        data={"duration_ms": round(milliseconds, 3), **attributes},
    )
    return milliseconds


def _tell_metrics(milliseconds: float, waited: float, attributes: dict[str, str]) -> None:
    sentry_sdk.metrics.distribution(
        "command.duration", milliseconds, unit="millisecond", attributes=attributes
    )
    if waited > 0:
        sentry_sdk.metrics.distribution("command.people_wait", waited, unit="millisecond")
    sentry_sdk.metrics.count("command.runs", 1, attributes=attributes)


def _tell_transaction(milliseconds: float, attributes: dict[str, str]) -> None:
    transaction = sentry_sdk.get_current_scope().transaction
    if transaction is not None:
        transaction.set_data("command.duration_ms", milliseconds)
        transaction.set_tag("command.result", attributes["result"])
        if "status" in attributes:
            transaction.set_status(attributes["status"])


def _find_run(name: str) -> Run | None:
    work = current_work()
    runs: tuple[Run, ...] = (*(work.runs if work else ()), *_runs.get())
    for run in runs[::-1]:
        if run.name == name and not run.has_ended:
            run.has_ended = True
            return run
    return None


class run_of_command(unit_of_work):  # noqa: N801  # reads as the block that it is
    """Run a command as a unit of work, and tell how long it took, whether or not it is sampled."""

    __slots__ = ()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        ended = time.perf_counter()
        # Not by `super()`, which looks for the class first: every command comes by here.
        unit_of_work.__exit__(self, kind, error, trace)
        work = self._work
        if work is None or work.is_measured:
            return
        try:
            batcher = batcher_of(self._client)
            if batcher is not None:
                tracked = _own_runs(work) if work.runs or _runs.get() else ()
                # What listeners begin that come too late is not told again.
                work.is_told = not tracked
                waited = work.people_seconds
                batcher.note(
                    (
                        work.unit.name,
                        ended - work.began - waited,
                        waited,
                        work.failure,
                        work.failure_status,
                        # The property would make an id, which takes as long as all of this.
                        self._trace._trace_id,  # noqa: SLF001  # a test pins the name
                        ended,
                        tracked,
                    )
                )
        except Exception as fault:  # noqa: BLE001  # telemetry never takes the bot down
            note_fault(fault)


def _own_runs(work: Work) -> tuple[Run, ...]:
    """List what has been begun and not ended of a unit, in it or around it: there others may be, too."""
    name = work.unit.name
    around = (run for run in _runs.get() if name == run.name or name.endswith(f" {run.name}"))
    return tuple(run for run in (*work.runs, *around) if not run.has_ended)
