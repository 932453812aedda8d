"""Units of work: a pristine scope, a trace of its own, one transaction for each.

A unit that is not sampled costs two forks of scopes. What is known of it (user, command, place) is
read from Discord's objects only when something leaves that has to say so.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import sentry_sdk
from sentry_sdk.scope import Scope, ScopeType, _current_scope, _isolation_scope

from tux.services.sentry.context import Facts
from tux.services.sentry.forks import fork_of
from tux.services.sentry.health import contained, note_fault
from tux.services.sentry.policy import decide
from tux.services.sentry.privacy import is_of_opted_out, opted_out
from tux.services.sentry.sampling import NOT_SAMPLED, draw, start_kept
from tux.services.sentry.traces import begin_trace, work_of_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.services.sentry.sampling import Chance
    from tux.services.sentry.timings import Run

ORIGIN = "auto.function.discord"
MOST_AROUND = 8
"""Units around a unit that are remembered."""


class Span(Protocol):
    """What callers may do with a span or a transaction."""

    def set_data(self, key: str, value: Any) -> None:
        """Add what is looked at."""

    def set_tag(self, key: str, value: Any) -> None:
        """Add what is searched by."""

    def set_status(self, value: str) -> None:
        """Say how it ended, in a word of Sentry's."""


class Unit(NamedTuple):
    """One piece of work that somebody or something asked the bot for."""

    op: str
    name: str
    facts: Callable[[], Facts] = Facts
    """Reads what is known of it. It is called late, and not at all where nothing leaves."""
    source: str = "task"
    """Where the name comes from: https://develop.sentry.dev/sdk/data-model/event-payloads/transaction/#transaction-annotations"""
    about: object = None
    """What Discord sent of whoever it is done for; he may have opted out."""


class Place(NamedTuple):
    """Which unit of work something belongs to; keeps nothing of the unit itself alive."""

    unit: object
    """Stands for the unit."""
    around: tuple[object, ...]
    """The units within which it began, the nearest first."""


class Work:
    """A unit of work that runs, shared by all tasks that it starts."""

    __slots__ = (
        "_facts",
        "_is_private",
        "around",
        "began",
        "failure",
        "failure_status",
        "has_ended",
        "is_kept",
        "is_measured",
        "is_told",
        "people_seconds",
        "runs",
        "token",
        "unit",
    )

    def __init__(self, unit: Unit, outer: Work | None) -> None:
        self.unit = unit
        self.began = time.perf_counter()
        self.token = object()
        """Stands for it where it must not be kept alive."""
        # A unit that starts a task that opens a unit, and so on, must not name all of them.
        self.around: tuple[object, ...] = (
            () if outer is None else (outer.token, *outer.around[: MOST_AROUND - 1])
        )
        """The units within which it began, the nearest first."""
        self.runs: list[Run] = []
        """Commands that are being timed in it."""
        self.is_measured = False
        """Whether the bot's own code has told how long it took."""
        self.is_told = False
        """Whether the instrumentation has."""
        self.failure: str | None = None
        """The class of what it failed with."""
        self.failure_status: str | None = None
        """What the policy says of that, as its transaction is told."""
        self.is_kept = False
        """Whether its transaction is sampled."""
        self.has_ended = False
        """Tasks that it has started may live on."""
        self.people_seconds: float = 0.0
        """How long it has waited for people so far."""
        self._facts: Facts | None = None
        self._is_private = False

    @property
    def is_private(self) -> bool:
        """Whether it is done for somebody who has opted out, and be it meanwhile."""
        if not self._is_private and opted_out():
            self._is_private = is_of_opted_out(self.unit.about)
        return self._is_private

    @property
    def facts(self) -> Facts:
        """What is known of it. Never raises."""
        if self._facts is None:
            try:
                self._facts = self.unit.facts()
            except Exception as error:  # noqa: BLE001  # Discord's objects may be half there
                note_fault(error)
                self._facts = Facts()
        return self._facts.anonymous() if self.is_private else self._facts

    def rename(self, name: str) -> None:
        """Call it by what is known now, and read again what else may be known now."""
        self.unit = self.unit._replace(name=name)
        self._facts = None


class _Base:
    """The scope from which every unit begins: the one that was there when the bot was set up."""

    isolation = Scope(ty=ScopeType.ISOLATION)
    current = Scope(ty=ScopeType.CURRENT)


_work: ContextVar[Work | None] = ContextVar("tux_work", default=None)
_is_told_late: ContextVar[bool] = ContextVar("tux_told_late", default=False)


def remember_base() -> None:
    """Let every unit of work begin with what is set in the scope that is active now."""
    # As it is now: what somebody sets outside of any unit later must not spread to all of them.
    _Base.isolation = sentry_sdk.get_isolation_scope().fork()
    _Base.isolation.clear_breadcrumbs()
    # Of whoever set it up; it would stand for every member.
    _Base.isolation.set_user(None)


def current_work() -> Work | None:
    """Give the unit of work that runs, or that has started the thread; None outside of one."""
    return _work.get() or work_of_trace()


def current_place() -> Place | None:
    """Tell which unit of work runs; None outside of one."""
    work = _work.get()
    return Place(work.token, work.around) if work is not None else None


def is_part_of(place: Place | None) -> bool:
    """Tell whether what runs now belongs to a unit of work, or that to what runs now.

    Outside of units, and for what was done there, nothing can be told apart.
    """
    current = current_place()
    if current is None or place is None or current.unit is place.unit:
        return True
    return place.unit in current.around or current.unit in place.around


@contextmanager
def told_late() -> Iterator[None]:
    """Let what runs here belong to its unit of work although that may have ended: it is told of it."""
    token = _is_told_late.set(True)
    try:
        yield
    finally:
        _is_told_late.reset(token)


def is_left_over() -> bool:
    """Tell whether a task runs that has outlived the unit of work that started it."""
    work = _work.get()
    return work is not None and work.has_ended and not _is_told_late.get()


class Scopes:
    """The scopes and the unit that are active now, to stand there again later."""

    __slots__ = ("_current", "_isolation", "_work")

    def __init__(self) -> None:
        self._work = _work.get()
        # Past the SDK's functions where it can be: every command comes by here.
        self._isolation = _isolation_scope.get() or Scope.get_isolation_scope()
        self._current = _current_scope.get() or Scope.get_current_scope()

    def replace(self, isolation: Scope, current: Scope, work: Work | None) -> None:
        """Activate others."""
        _work.set(work)
        _isolation_scope.set(isolation)
        _current_scope.set(current)
        # A client that somebody bound to a scope of his own, as tests do, stays.
        isolation.client, current.client = self._isolation.client, self._current.client

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Let an error that remembers them be pickled and copied as it was."""
        return type(None), ()

    def restore(self) -> None:
        """Activate them again."""
        _work.set(self._work)
        _isolation_scope.set(self._isolation)
        _current_scope.set(self._current)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Stand there again, to tell what became of it."""
        now = Scopes()
        self.restore()
        try:
            yield
        finally:
            now.restore()


def _pristine(work: Work | None) -> tuple[Scope, Scope]:
    isolation = fork_of(_Base.isolation)
    begin_trace(isolation, work)
    return isolation, fork_of(_Base.current)


@contextmanager
def pristine_scope(unit: Unit | None = None) -> Iterator[Scope]:
    """Begin with nothing of what runs around: no user, tag, breadcrumb, span or trace.

    A task copies the context of whoever started it; without this a loop that a command started
    carries that command's user for ever.

    Args:
        unit: what is told of here, without a transaction.
    """
    before = Scopes()
    work = None if unit is None else Work(unit, None)
    isolation, current = _pristine(work)
    before.replace(isolation, current, work)
    try:
        yield isolation
    finally:
        before.restore()


class unit_of_work:  # noqa: N801  # reads as the block that it is, like contextlib.suppress
    """Run one unit of work in a ``with`` block; gives its transaction.

    Open it in the task that runs the user's code. An error that passes through sets the status
    that the policy gives it. A fault inside never reaches the block.
    """

    __slots__ = ("_before", "_client", "_trace", "_transaction", "_unit", "_work")

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._work: Work | None = None
        self._transaction: Any = NOT_SAMPLED

    def __enter__(self) -> Span:
        self._before = before = Scopes()
        try:
            unit = self._unit
            self._work = work = Work(unit, _work.get())
            isolation, current = _pristine(work)
            self._trace: Any = isolation._propagation_context  # noqa: SLF001  # a test pins the name
            before.replace(isolation, current, work)
            self._client = client = sentry_sdk.get_client()
            chance = None if work.is_private else draw(client, unit.op, unit.name, unit.source)
            if chance is None:
                current.span = NOT_SAMPLED
            else:
                self._transaction = _start(unit, chance, isolation, current)
                work.is_kept = True
        except Exception as error:  # noqa: BLE001  # telemetry never takes the bot down
            note_fault(error)
        return self._transaction  # type: ignore[no-any-return]  # the SDK's, or ours: a span

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._transaction is not NOT_SAMPLED:
            with contained():
                _finish(self._transaction, error)
        if self._work is not None:
            self._work.has_ended = True
        self._before.restore()


def _start(unit: Unit, chance: Chance, isolation: Scope, current: Scope) -> Any:
    transaction = start_kept(
        current,
        chance,
        op=unit.op,
        name=unit.name,
        source=unit.source,
        origin=ORIGIN,
        # The scope's, so that what comes after the transaction is of the same trace.
        trace_id=isolation.get_active_propagation_context().trace_id,
    )
    return transaction.__enter__()


def _finish(transaction: Any, error: BaseException | None) -> None:
    if error is not None:
        transaction.set_status(decide(error).status)
    elif getattr(transaction, "status", None) is None:
        transaction.set_status("ok")
    # Not told of the error: the SDK would overwrite the status.
    transaction.__exit__(None, None, None)


def rename_unit(name: str) -> None:
    """Name a unit whose command is known only now: a group finds its subcommand late."""
    work = _work.get()
    if work is None:
        return
    work.rename(name)
    scope = sentry_sdk.get_current_scope()
    transaction = scope.transaction
    if isinstance(transaction, sentry_sdk.tracing.Transaction):
        transaction.name = name
        scope.set_transaction_name(name)
