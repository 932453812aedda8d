"""Tells open pages that something has come: one ticker for all of them, as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tux.station.store import Store

PERIOD: Final = 2.0
"""Seconds between two looks whether something was kept."""
STILL_HERE: Final = 20.0
"""Seconds after which a line goes out in any case: only so is a browser that left found out."""
MOST: Final = 64
"""Open pages; those beyond look by themselves from time to time."""


class Live:
    """Who waits for news, and the one who looks for them."""

    def __init__(self, store: Store, period: float = PERIOD, most: int = MOST) -> None:
        self._store = store
        self._period = period
        self._most = most
        self._waiting: set[asyncio.Event] = set()
        self._is_over = False

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Look for news while the application runs."""
        task = asyncio.create_task(self._look())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def stop(self, _app: web.Application) -> None:
        """Let everybody go: the server waits for them before it ends."""
        self._is_over = True
        self._wake()

    async def handler(self, request: web.Request) -> web.StreamResponse:
        """Send a line whenever something has come, until the browser leaves."""
        if len(self._waiting) >= self._most or self._is_over:
            return web.Response(status=503, headers={"Retry-After": "30"})
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            return await self._tell(request, news)
        finally:
            self._waiting.discard(news)

    async def _tell(self, request: web.Request, news: asyncio.Event) -> web.StreamResponse:
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        with suppress(ConnectionError):
            await response.prepare(request)
            await response.write(b"retry: 5000\n\n")
            while not self._is_over:
                with suppress(TimeoutError):
                    async with asyncio.timeout(STILL_HERE):
                        await news.wait()
                if self._is_over:
                    break
                line = f"data: {self._store.commits}\n\n" if news.is_set() else ":\n\n"
                news.clear()
                await response.write(line.encode())
        return response

    async def _look(self) -> None:
        seen = self._store.commits
        while True:
            await asyncio.sleep(self._period)
            if self._store.commits != seen:
                seen = self._store.commits
                self._wake()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()
