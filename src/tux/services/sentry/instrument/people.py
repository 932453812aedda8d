"""Waits for people, as spans of their own kind: a member who thinks is no slow bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import discord
from discord.ui.view import BaseView

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import is_watching, watch
from tux.services.sentry.instrument.waits import (
    add_milliseconds,
    add_wait,
    sampled_span,
    status_after,
)
from tux.services.sentry.units import current_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.services.sentry.instrument.patching import Method

OP: Final = "ui.wait"
SUM: Final = "people.wait_ms"


def install() -> None:
    """Watch ``Client.wait_for``, and ``wait`` of views and modals."""
    watch(BaseView, "wait")(_wait)
    wait_for: Callable[..., Coroutine[Any, Any, Any]] = discord.Client.wait_for

    @wraps(wait_for)
    def watched(self: discord.Client, event: str, /, **options: Any) -> Coroutine[Any, Any, Any]:
        # It listens from now on, even if nobody awaits it for a while.
        waiting = wait_for(self, event, **options)
        return _WaitFor(waiting, f"wait_for {event}") if is_watching() else waiting

    discord.Client.wait_for = watched  # type: ignore[method-assign]  # overloaded by event


class _Wait:
    """One wait for people, from now on."""

    __slots__ = ("_began", "_known", "_name", "_span", "_work")

    def __init__(self, name: str) -> None:
        self._name = name
        self._span = sampled_span()
        self._work = current_work()
        self._known = 0.0 if self._work is None else self._work.people_seconds
        self._began = time.perf_counter()

    def end(self, status: str) -> None:
        """Count it, but for what other waits of the unit have counted since it began."""
        seconds = alone = time.perf_counter() - self._began
        work = self._work
        if work is not None:
            alone = max(0.0, seconds - (work.people_seconds - self._known))
            work.people_seconds += alone
        if self._span is not None:
            add_wait(self._span, OP, self._name, seconds, status)
            add_milliseconds(self._span.containing_transaction, SUM, alone)


async def _wait(original: Method, view: BaseView) -> bool:
    wait = _Wait(f"{type(view).__qualname__}.wait")
    try:
        timed_out: bool = await original(view)
    except BaseException as error:
        with contained():
            wait.end(status_after(error))
        raise
    with contained():
        wait.end("deadline_exceeded" if timed_out else "ok")
    return timed_out


class _WaitFor(Coroutine[Any, Any, Any]):
    """The coroutine of ``Client.wait_for``, timed from its first step to its last.

    It is one itself, not wrapped in one, so that nothing is said of a coroutine that was never
    awaited when a task around it is cancelled before its first step.
    """

    __slots__ = ("_inner", "_name", "_wait")

    def __init__(self, inner: Coroutine[Any, Any, Any], name: str) -> None:
        self._inner, self._name = inner, name
        self._wait: _Wait | None = None

    def __getattr__(self, name: str) -> Any:
        # What debuggers and ``repr`` ask of a coroutine: its code, its frame.
        return getattr(self._inner, name)

    def __await__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any, /) -> Any:
        """Take it a step further."""
        if self._wait is None:
            self._wait = _Wait(self._name)
        return self._step(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        """Let it fail."""
        return self._step(self._inner.throw, *error)

    def close(self) -> None:
        """Give it up."""
        self._inner.close()
        self._end(asyncio.CancelledError())

    def _step(self, step: Callable[..., Any], *args: Any) -> Any:
        try:
            return step(*args)
        except StopIteration:
            self._end(None)
            raise
        except BaseException as error:
            self._end(error)
            raise

    def _end(self, error: BaseException | None) -> None:
        wait, self._wait = self._wait, None
        if wait is not None:
            with contained():
                wait.end(status_after(error))
