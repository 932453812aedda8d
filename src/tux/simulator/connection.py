"""One client's WebSocket, written by one task in the order that things were sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from tux.simulator.sessions import Session


class Connection:
    """Queues frames for a client."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.session: Session | None = None
        self.closed_by_us = False
        self._socket = socket
        self._transport = request.transport
        self._frames: asyncio.Queue[str | int] = asyncio.Queue()
        self._writing = asyncio.create_task(self._write())

    def send(self, text: str) -> None:
        """Queue a text frame."""
        self._frames.put_nowait(text)

    def operate(self, operation: int, data: object) -> None:
        """Queue an operation that is no event."""
        self.send(json.dumps({"op": operation, "d": data, "s": None, "t": None}))

    def close(self, code: int) -> None:
        """Close with a code when all queued frames are out."""
        self.closed_by_us = True
        self._frames.put_nowait(code)

    def cut(self) -> None:
        """Break the connection without a close frame."""
        self.closed_by_us = True
        if self._transport is not None:
            self._transport.abort()

    async def stop(self) -> None:
        """End the writing task."""
        self._writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writing

    async def _write(self) -> None:
        # The client is gone: the reading side sees it too and ends the connection.
        with contextlib.suppress(ConnectionError):
            while isinstance(frame := await self._frames.get(), str):
                await self._socket.send_str(frame)
            await self._socket.close(code=frame)
