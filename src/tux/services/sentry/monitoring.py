"""Units of work, transactions, spans, timings of commands, check-ins."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import sentry_sdk
from sentry_sdk.scope import Scope, ScopeType, use_isolation_scope, use_scope

from tux.services.sentry.context import Facts, apply
from tux.services.sentry.policy import decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentry_sdk.types import MonitorConfig

ORIGIN = "auto.function.discord"
MOST_AROUND = 8
"""Units around a unit that are remembered."""
MAX_RUNS = 100
"""Commands that one unit of work may have started and not ended: those that never end are dropped."""


class Span(Protocol):
    """What callers may do with a span or a transaction."""

    def set_data(self, key: str, value: Any) -> None:
        """Add what is looked at."""

    def set_tag(self, key: str, value: Any) -> None:
        """Add what is searched by."""

    def set_status(self, value: str) -> None:
        """Say how it ended, in a word of Sentry's."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of work that somebody or something asked the bot for."""

    op: str
    name: str
    facts: Facts = field(default_factory=Facts)
    source: str = "task"
    """Where the name comes from: https://develop.sentry.dev/sdk/data-model/event-payloads/transaction/#transaction-annotations"""


@dataclass(slots=True)
class _Run:
    """One run of a command that is being measured."""

    name: str
    began: float
    has_ended: bool = False


@dataclass(slots=True, eq=False)
class _Live:
    """A unit of work that runs, shared by all tasks that it starts."""

    unit: Unit
    runs: list[_Run] = field(default_factory=list)
    outer: _Live | None = None
    """The unit within which it began."""


@dataclass(slots=True)
class _Base:
    """The scope from which every unit begins: the one that was there when the bot was set up."""

    isolation: sentry_sdk.Scope | None = None


_base = _Base()
_live: ContextVar[_Live | None] = ContextVar("tux_unit", default=None)


def remember_base() -> None:
    """Let every unit of work begin with what is set in the scope that is active now."""
    # As it is now: what somebody sets outside of any unit later must not spread to all of them.
    _base.isolation = sentry_sdk.get_isolation_scope().fork()


def current_work() -> object:
    """Give what tells this unit of work from others; None outside of one."""
    return _live.get()


def is_part_of(work: object) -> bool:
    """Tell whether what runs now belongs to a unit of work, or that to what runs now.

    Outside of units, and for what was done there, nothing can be told apart.
    """
    current = _live.get()
    if current is None or not isinstance(work, _Live):
        return True
    return work in _around(current) or current in _around(work)


def _around(live: _Live) -> list[_Live]:
    found = [live]
    while found[-1].outer is not None:
        found.append(found[-1].outer)
    return found


def unit_name() -> str | None:
    """Name the unit of work that runs."""
    live = _live.get()
    return live.unit.name if live else None


@contextmanager
def pristine_scope() -> Iterator[sentry_sdk.Scope]:
    """Begin with nothing of what runs around: no user, tag, breadcrumb, span or trace.

    A task copies the context of whoever started it; without this a loop that a command started
    carries that command's user for ever.
    """
    token = _live.set(None)
    client = sentry_sdk.get_client()
    isolation = _base.isolation.fork() if _base.isolation else Scope(ty=ScopeType.ISOLATION)
    isolation.clear_breadcrumbs()
    isolation.set_new_propagation_context()
    with use_isolation_scope(isolation), use_scope(Scope(ty=ScopeType.CURRENT)):
        # A client that somebody bound to a scope of his own, as tests do, stays.
        if sentry_sdk.get_client() is not client:
            isolation.set_client(client)
        try:
            yield isolation
        finally:
            _live.reset(token)


@contextmanager
def unit_of_work(unit: Unit) -> Iterator[Span]:
    """Run one unit of work: a pristine scope, a trace of its own, one transaction.

    Open it in the task that runs the user's code. An error that passes through sets the status
    that the policy gives it.
    """
    failure: BaseException | None = None
    around = _live.get()
    # A unit that starts a task that opens a unit, and so on, must not keep all of them.
    live = _Live(unit, outer=around if around and len(_around(around)) < MOST_AROUND else None)
    with pristine_scope() as scope:
        token = _live.set(live)
        try:
            apply(unit.facts, scope)
            with sentry_sdk.start_transaction(
                op=unit.op,
                name=unit.name,
                source=unit.source,
                origin=ORIGIN,
                # The scope's, so that what comes after the transaction is of the same trace.
                trace_id=scope.get_active_propagation_context().trace_id,
            ) as transaction:
                try:
                    yield transaction
                except BaseException as error:  # noqa: BLE001  # raised again below
                    # Raised outside: the SDK would overwrite the status on its way.
                    failure = error
                    transaction.set_status(decide(error).status)
                else:
                    if getattr(transaction, "status", None) is None:
                        transaction.set_status("ok")
        finally:
            _live.reset(token)
    if failure is not None:
        raise failure


def rename_unit(transaction: Span, name: str, facts: Facts | None = None) -> None:
    """Name a unit whose command is known only now: a group finds its subcommand late."""
    if isinstance(transaction, sentry_sdk.tracing.Transaction):
        transaction.name = name
    live = _live.get()
    if live is not None:
        live.unit = replace(live.unit, name=name)
    # The current scope's name wins over the isolation scope's.
    sentry_sdk.get_current_scope().set_transaction_name(name)
    if facts is not None:
        apply(facts, sentry_sdk.get_isolation_scope())


@contextmanager
def start_transaction(*, op: str, name: str) -> Iterator[Span]:
    """Time a piece of work of your own, apart from what runs around it.

    What is set inside (user, tags, breadcrumbs) belongs to it alone. Within another transaction it
    shares the trace and whether it is kept. An error sets its status and is raised on.
    """
    with sentry_sdk.isolation_scope() as scope:
        around = sentry_sdk.get_current_span()
        inherited: dict[str, Any]
        if around is None:
            scope.set_new_propagation_context()
            inherited = {"trace_id": scope.get_active_propagation_context().trace_id}
        else:
            inherited = {
                "trace_id": around.trace_id,
                "parent_span_id": around.span_id,
                "parent_sampled": around.sampled,
            }
        with sentry_sdk.start_transaction(
            op=op, name=name, source="task", **inherited
        ) as transaction:
            yield transaction


@contextmanager
def start_span(
    *, op: str, description: str | None = None, name: str | None = None
) -> Iterator[Span]:
    """Time a part of what runs; without a transaction around it nothing is kept.

    Args:
        op: kind of work, ``db`` or ``http.client`` say.
        description: what it does.
        name: another word for ``description``.
    """
    with sentry_sdk.start_span(op=op, name=description or name or op) as span:
        yield span


_runs: ContextVar[tuple[_Run, ...]] = ContextVar("tux_runs", default=())


def track_command_start(name: str) -> None:
    """Begin to measure one run of a command."""
    run = _Run(name, time.perf_counter())
    # The task that started it, or one that it started, finds it again by the context; listeners,
    # which run in a task of their own each, by the unit that they share with the command.
    _runs.set((*(other for other in _runs.get()[-MAX_RUNS:] if not other.has_ended), run))
    live = _live.get()
    if live is not None:
        live.runs.append(run)
        del live.runs[:-MAX_RUNS]


def track_command_end(
    name: str, *, success: bool, error: BaseException | None = None
) -> float | None:
    """End the run of this command that was begun in this context.

    Result and duration go to the transaction around it, to metrics and to a breadcrumb.

    Returns:
        Milliseconds, None where no run of this name was begun here.
    """
    run = _find_run(name)
    if run is None:
        return None
    milliseconds = (time.perf_counter() - run.began) * 1000
    result = "success" if success else "failure"
    scope = sentry_sdk.get_current_scope()
    transaction = scope.transaction
    if transaction is not None:
        transaction.set_data("command.duration_ms", milliseconds)
        transaction.set_tag("command.result", result)
        if not success:
            transaction.set_status(decide(error).status if error else "internal_error")
    attributes = {"command": name, "result": result}
    if error is not None:
        attributes["error"] = type(error).__name__
    sentry_sdk.metrics.distribution(
        "command.duration", milliseconds, unit="millisecond", attributes=attributes
    )
    sentry_sdk.metrics.count("command.runs", 1, attributes=attributes)
    sentry_sdk.add_breadcrumb(
        category="command",
        message=f"{name}: {result}",
        level="info" if success else "warning",
        data={"duration_ms": round(milliseconds, 3), **attributes},
    )
    return milliseconds


def _find_run(name: str) -> _Run | None:
    live = _live.get()
    runs: tuple[_Run, ...] = (*(live.runs if live else ()), *_runs.get())
    for run in runs[::-1]:
        if run.name == name and not run.has_ended:
            run.has_ended = True
            return run
    return None


@dataclass
class CheckIn:
    """A ``with`` block that tells the receiver when a scheduled job began and how it ended.

    https://develop.sentry.dev/sdk/telemetry/check-ins/. A new one for each run: the SDK's own
    ``monitor`` mixes up runs that overlap.
    """

    slug: str
    config: Mapping[str, Any] = field(default_factory=dict)
    """Schedule and margins, as the check-in's ``monitor_config``."""

    def __enter__(self) -> None:
        self._began = time.perf_counter()
        self._id = sentry_sdk.crons.capture_checkin(
            monitor_slug=self.slug, status="in_progress", monitor_config=self._monitor_config()
        )

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        sentry_sdk.crons.capture_checkin(
            monitor_slug=self.slug,
            check_in_id=self._id,
            status="ok" if kind is None else "error",
            duration=time.perf_counter() - self._began,
            monitor_config=self._monitor_config(),
        )

    def _monitor_config(self) -> MonitorConfig | None:
        return dict(self.config) or None  # type: ignore[return-value]  # the SDK's TypedDict


def add_breadcrumb(
    message: str,
    category: str = "default",
    level: str = "info",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note what happened, for the next event of this unit of work."""
    sentry_sdk.add_breadcrumb(
        message=message, category=category, level=level, data=dict(data or {})
    )


def set_context(name: str, value: Mapping[str, Any]) -> None:
    """Add a block of facts to all following events of this unit of work."""
    sentry_sdk.set_context(name, dict(value))


def set_tag(key: str, value: Any) -> None:
    """Add a searchable fact to all following events of this unit of work."""
    sentry_sdk.set_tag(key, value)
