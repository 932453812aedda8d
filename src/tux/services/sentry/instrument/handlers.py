"""Failures that a handler of the bot's own is told: the event says so, and they are counted.

Of several handlers that discord.py calls for one failure the nearest to the code gives the name.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import sentry_sdk

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import CAUGHT, CRASH, fail
from tux.services.sentry.policy import unwrap
from tux.services.sentry.units import Scopes, told_late

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.services.sentry.units import Span

KINDS: Final = ("command", "cog", "group", "tree", "view", "modal")
_DETAILS: Final = {kind: CAUGHT._replace(tags={"error.handler": kind}) for kind in KINDS}

_failed: ContextVar[Scopes | None] = ContextVar("tux_failed", default=None)


def is_overridden(method: Any, *bases: object) -> bool:
    """Tell whether a bound method, or what was put in its place, is none of discord.py's own."""
    return getattr(method, "__func__", method) not in bases


def tell(error: BaseException, transaction: Span | None, find: Callable[[], str | None]) -> None:
    """Report a failure before its handlers are called, which may be slow or fail. Never raises.

    Args:
        error: what was raised.
        transaction: gets its status.
        find: names the handler, one of ``KINDS``; None where nobody catches it.
    """
    handler = None
    with contained():
        handler = find() if isinstance(error, Exception) else None
    if handler is None:
        fail(error, transaction, CRASH)
        return
    fail(error, transaction, _DETAILS[handler])
    with contained():
        attributes = {"handler": handler, "error": type(unwrap(error)).__name__}
        sentry_sdk.metrics.count("errors.handled", 1, attributes=attributes)


def remember_failure() -> None:
    """Note which unit of work fails here, for what the same task does when it has ended."""
    _failed.set(Scopes())


@contextmanager
def in_failed_unit() -> Iterator[None]:
    """Stand again where this task has failed: a handler that is called late belongs there."""
    scopes = _failed.get()
    if scopes is None:
        yield
        return
    with scopes.active(), told_late():
        yield
