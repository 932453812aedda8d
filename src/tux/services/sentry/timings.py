"""How long commands take, told by whoever runs them: each run by its context, not by its name."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass

import sentry_sdk

from tux.services.sentry.policy import decide
from tux.services.sentry.units import Work, current_work

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
    # A unit holds its runs: what is over does not hold the unit in turn.
    run.work = None
    milliseconds = max(0.0, (time.perf_counter() - run.began) * 1000 - waited)
    result = "success" if success else "failure"
    _tell_transaction(milliseconds, result, error)
    attributes = {"command": name, "result": result}
    if error is not None:
        attributes["error"] = type(error).__name__
    sentry_sdk.metrics.distribution(
        "command.duration", milliseconds, unit="millisecond", attributes=attributes
    )
    if waited > 0:
        sentry_sdk.metrics.distribution("command.people_wait", waited, unit="millisecond")
    sentry_sdk.metrics.count("command.runs", 1, attributes=attributes)
    sentry_sdk.add_breadcrumb(
        category="command",
        message=f"{name}: {result}",
        level="info" if success else "warning",
        data={"duration_ms": round(milliseconds, 3), **attributes},
    )
    return milliseconds


def _tell_transaction(milliseconds: float, result: str, error: BaseException | None) -> None:
    transaction = sentry_sdk.get_current_scope().transaction
    if transaction is not None:
        transaction.set_data("command.duration_ms", milliseconds)
        transaction.set_tag("command.result", result)
        if result == "failure":
            transaction.set_status(decide(error).status if error else "internal_error")


def _find_run(name: str) -> Run | None:
    work = current_work()
    runs: tuple[Run, ...] = (*(work.runs if work else ()), *_runs.get())
    for run in runs[::-1]:
        if run.name == name and not run.has_ended:
            run.has_ended = True
            return run
    return None
