"""How a method of discord.py is replaced: on its class, and asleep while no client is there."""

from __future__ import annotations

import asyncio
import inspect
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import sentry_sdk
from sentry_sdk.scope import Scope

from tux.services.sentry.gate import MECHANISM
from tux.services.sentry.health import contained, note_fault
from tux.services.sentry.policy import decide, unwrap
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.reporting import Details, report
from tux.services.sentry.units import Unit, current_work, unit_of_work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.services.sentry.units import Span

    Method = Callable[..., Awaitable[Any]]


CRASH = Details(handled=False, by_code=False)
"""Nobody caught it."""
CAUGHT = Details(by_code=False)
"""A handler of the bot's own will be called."""


Function = TypeVar("Function", bound="Callable[..., Any]")


def is_watching() -> bool:
    """Tell whether the active client wants discord.py watched."""
    return Scope.get_client().get_integration(MECHANISM) is not None


def watch(owner: type, name: str) -> Callable[[Method], Method]:
    """Put the decorated coroutine function in the place of ``owner.name``.

    It is called as ``watched(original, self, …)``, only while a client with the integration is
    active.
    """
    original: Method = getattr(owner, name)

    def decorate(watched: Method) -> Method:
        # Not async itself: one coroutine less for every command.
        @wraps(original)
        def patched(self: object, *args: Any, **kwargs: Any) -> Awaitable[Any]:
            if not is_watching():
                return original(self, *args, **kwargs)
            return watched(original, self, *args, **kwargs)

        setattr(owner, name, as_coroutine_function(patched))
        return watched

    return decorate


def as_coroutine_function(function: Function) -> Function:
    """Let a function that returns a coroutine count as one that is async, as mocks ask."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(function)
    function._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]  # noqa: SLF001  # the way up to 3.11
    return function


def open_unit(
    describe: Callable[..., Unit], *about: Any, kind: type[unit_of_work] = unit_of_work
) -> unit_of_work:
    """Prepare the unit of work that ``describe`` makes of Discord's objects. Never raises."""
    try:
        return kind(describe(*about))
    except Exception as error:  # noqa: BLE001  # the objects are the bot's own, with properties of its own
        note_fault(error)
        return unit_of_work(Unit("function.discord", "unknown"))


def fail(error: BaseException, transaction: Span | None, details: Details = CRASH) -> None:
    """Report what left a user's code, and give the transaction its status. Never raises."""
    with contained():
        if transaction is not None:
            status = decide(error).status
            transaction.set_status(status)
            note_failure(type(unwrap(error)).__name__, status)
        if isinstance(error, Exception):
            report(error, details)


def note_failure(kind: str, status: str) -> None:
    """Let the unit of work that runs count as one that failed.

    Of several failures the first one names the class; the last one's status is the transaction's.
    """
    work = current_work()
    if work is not None:
        work.failure_status = status
        if work.failure is None:
            work.failure = kind


def unanswered(error: BaseException, details: Details) -> Details:
    """Make an error of what is a member's mistake elsewhere: here no member is told of it."""
    with contained():
        if not isinstance(error, asyncio.CancelledError) and not decide(error).verdict.is_sent:
            return details._replace(verdict=Verdict.ERROR)
    return details


def current_transaction() -> Span | None:
    """Find the transaction of the unit of work that runs."""
    found: Span | None = sentry_sdk.get_current_scope().transaction
    return found
