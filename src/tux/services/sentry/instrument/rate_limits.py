"""What Discord's rate limits cost: each wait is a span under the request that waited.

discord.py waits before a request (in a queue, or for the global limit), between its attempts, and
after an answer that used its bucket up, when the message is long there. To whoever looks at the
request alone all of it is a slow Discord.
"""

from __future__ import annotations

import asyncio
import time
from contextvars import ContextVar
from functools import partial, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import discord.http
import discord.webhook.async_
from discord.gateway import GatewayRatelimiter
from discord.http import Ratelimit
from discord.webhook.async_ import AsyncDeferredLock

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import is_watching
from tux.services.sentry.instrument.waits import add_milliseconds, add_wait, sampled_span, timed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp
    from sentry_sdk.tracing import Span

    from tux.services.sentry.instrument.patching import Method

LIMIT: Final = "discord.ratelimit"
RETRY: Final = "discord.retry"
"""A pause after a failure of Discord's, which no limit asked for."""
SUM: Final = "discord.ratelimit_ms"
BEFORE: Final = "before the request"
AFTER: Final = "after the request"
GLOBAL: Final = "global"
GATEWAY: Final = "gateway"
SHORTEST: Final = 0.001
"""Seconds: who passes at once did not wait."""
MOST_RESENDS: Final = 4
"""discord.py tries five times, and pauses after the last one too."""
QUEUES: Final[tuple[tuple[type, str, str], ...]] = (
    (Ratelimit, "acquire", BEFORE),
    (Ratelimit, "__aexit__", AFTER),
    (AsyncDeferredLock, "__aenter__", BEFORE),
    (AsyncDeferredLock, "__aexit__", AFTER),
)
MODULES: Final = (discord.http, discord.webhook.async_)


class Attempts:
    """How one request of a sampled unit goes: its answers, and what it waits for."""

    __slots__ = ("_held_since", "_is_global", "_is_queueing", "_span", "resends", "status")

    def __init__(self, span: Span, *, is_held: bool) -> None:
        self._span = span
        # The wait for the global limit has no function of its own: it ends where the queue begins.
        self._held_since = time.perf_counter() if is_held else None
        self._is_queueing = False
        self._is_global = False
        self.status: int | None = None
        """Of the latest answer; None where an attempt had none."""
        self.resends = 0

    def note_answer(self, status: int, content: object) -> None:
        """Take what tells the reason of a pause."""
        self.status = status
        self._is_global = isinstance(content, dict) and content.get("global") is True

    async def queue(self, name: str, wait: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Run what may hold the request up."""
        self.let_go()
        self._is_queueing = True
        try:
            with timed(partial(self._add, LIMIT, name)):
                return await wait(*args)
        finally:
            self._is_queueing = False

    async def sleep(self, delay: float, result: object = None) -> Any:
        """Sleep, as discord.py does between attempts and, where it is timed already, in queues."""
        if self._is_queueing:
            return await asyncio.sleep(delay, result)
        with timed(partial(self._add, *self._reason())):
            await asyncio.sleep(delay)
        self.resends = min(self.resends + 1, MOST_RESENDS)
        self.status = None
        return result

    def let_go(self, status: str = "ok") -> None:
        """Tell how long the global limit kept it, where it did."""
        if self._held_since is not None:
            seconds = time.perf_counter() - self._held_since
            self._held_since = None
            with contained():
                self._add(LIMIT, GLOBAL, seconds, status)

    def _add(self, op: str, name: str, seconds: float, status: str) -> None:
        if seconds <= SHORTEST:
            return
        add_wait(self._span, op, name, seconds, status)
        if op == LIMIT:
            add_milliseconds(self._span, SUM, seconds)
            add_milliseconds(self._span.containing_transaction, SUM, seconds)

    def _reason(self) -> tuple[str, str]:
        if self.status is None:
            return RETRY, "after a lost connection"
        if self.status >= 500:  # noqa: PLR2004  # as HTTP counts
            return RETRY, f"after {self.status}"
        return LIMIT, GLOBAL if self._is_global else str(self.status)


_attempts: ContextVar[Attempts | None] = ContextVar("tux_attempts", default=None)
follow = _attempts.set


class TimedAsyncio(ModuleType):
    """Stands for asyncio in a module of discord.py: its sleep is timed, the rest is asyncio's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def sleep(self, delay: float, result: object = None) -> Awaitable[Any]:
        """Sleep, for a request that is followed or for anybody else."""
        attempts = _attempts.get()
        return (asyncio if attempts is None else attempts).sleep(delay, result)


def install() -> None:
    """Watch what requests and the gateway wait for."""
    for owner, name, place in QUEUES:
        _watch_queue(owner, name, place)
    for module in MODULES:
        module.asyncio = TimedAsyncio("asyncio")  # type: ignore[attr-defined]  # stands for it
        module.json_or_text = _noted(module.json_or_text)  # type: ignore[attr-defined]  # not exported by one of them
    block = GatewayRatelimiter.block

    @wraps(block)
    def watched(self: GatewayRatelimiter) -> Any:
        span = sampled_span()
        return block(self) if span is None or not is_watching() else _block(span, block, self)

    GatewayRatelimiter.block = watched  # type: ignore[method-assign]  # a coroutine function still


def _watch_queue(owner: type, name: str, place: str) -> None:
    original: Method = getattr(owner, name)

    @wraps(original)
    def watched(self: object, *args: Any) -> Any:
        attempts = _attempts.get()
        if attempts is None:
            return original(self, *args)
        return attempts.queue(place, original, self, *args)

    setattr(owner, name, watched)


def _noted(json_or_text: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @wraps(json_or_text)
    async def noted(response: aiohttp.ClientResponse) -> Any:
        content = await json_or_text(response)
        attempts = _attempts.get()
        if attempts is not None:
            attempts.note_answer(response.status, content)
        return content

    return noted


async def _block(span: Span, block: Method, limiter: GatewayRatelimiter) -> None:
    def tell(seconds: float, status: str) -> None:
        if seconds > SHORTEST:
            add_wait(span, LIMIT, GATEWAY, seconds, status)
            add_milliseconds(span.containing_transaction, SUM, seconds)

    with timed(tell):
        await block(limiter)
