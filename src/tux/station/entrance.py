"""The short way in for envelopes: what aiohttp takes for a request is half of each one's time.

It lets pass what is as clients write it, and is as strict as the long way: the same host, the same
receiver, the same refusals, the same headers. A connection over which anything else comes becomes
aiohttp's, with all that has come and is not answered yet.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

from tux.station.errors import RequestRefusedError
from tux.station.guards import SECURITY_HEADERS, SERVER, failure, refusal
from tux.station.receiving import content_of
from tux.station.wire.heads import END, LONGEST, length_of, read_head
from tux.station.wire.limits import KIB, MIB

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp import web

    from tux.station.access.places import Places
    from tux.station.receiving import Receiver
    from tux.station.wire.heads import Head

LARGEST: Final = 256 * KIB
"""Bytes of a body that comes in this way."""
PIECES: Final = 100
"""Most that it may come in."""
BYTES_AT_ONCE: Final = 16 * MIB
"""Of all bodies of which a part is here."""
HEADS: Final = 64
"""That are remembered once they are read."""
LOOK_SECONDS: Final = 10.0
"""Connections that were silent for one to two of these are aiohttp's, which knows how long to wait."""
STOP_SECONDS: Final = 5.0


@asynccontextmanager
async def entrance(
    routed: Callable[[], asyncio.Protocol], receiver: Receiver, places: Places
) -> AsyncIterator[Entrance]:
    """Make what gives each connection its protocol; at the end, all that came is answered."""
    made = Entrance(routed, receiver, places)
    looks = asyncio.create_task(made.look_for_ever())
    try:
        yield made
    finally:
        looks.cancel()
        await made.leave()


class Entrance:
    """What connections share."""

    def __init__(
        self, routed: Callable[[], asyncio.Protocol], receiver: Receiver, places: Places
    ) -> None:
        self.routed = routed
        self.receiver = receiver
        self.head = lru_cache(HEADS)(self._head)
        """Reads the lines before a body; None for what does not come in this way."""
        self.open = set[Connection]()
        self.receiving = 0
        self._places = places
        self._second, self._taken, self._lines = 0, b"", ""

    def __call__(self) -> asyncio.Protocol:
        """Make the protocol of a connection."""
        return Connection(self)

    def taken(self, event_id: str | None) -> bytes:
        """Write the answer to an envelope that was kept."""
        self._tell_time()
        content = content_of(event_id)
        return b"%bContent-Length: %d\r\n\r\n%b" % (self._taken, len(content), content)

    def refused(self, response: web.Response) -> bytes:
        """Write an answer of another kind."""
        self._tell_time()
        content = response.body if isinstance(response.body, bytes) else b""
        lines = (
            f"HTTP/1.1 {response.status} {response.reason}",
            *(f"{name}: {' '.join(value.split())}" for name, value in response.headers.items()),
            f"{self._lines}Content-Length: {len(content)}\r\n\r\n",
        )
        return "\r\n".join(lines).encode() + content

    async def look_for_ever(self) -> None:
        """Give away connections over which nothing comes."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for one in tuple(self.open):
                one.look()

    async def leave(self) -> None:
        """Answer what has come, and close all connections."""
        tasks = [one.leave() for one in tuple(self.open)]
        if waited := [task for task in tasks if task is not None]:
            await asyncio.wait(waited, timeout=STOP_SECONDS)

    def _head(self, lines: bytes) -> Head | None:
        head = read_head(lines)
        return head if head is not None and self._places.answers_to(head.host.lower()) else None

    def _tell_time(self) -> None:
        """Write the lines that all answers have, which tell the second."""
        if (second := int(time.time())) == self._second:
            return
        headers = {**SECURITY_HEADERS, "Server": SERVER, "Date": formatdate(second, usegmt=True)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._taken = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{lines}".encode()
        self._second, self._lines = second, lines


class Connection(asyncio.Protocol):
    """Takes one envelope after the other."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._transport: asyncio.Transport
        self._held = b""
        """What has come and is not looked at."""
        self._pieces: list[bytes] = []
        """Of an envelope that is not complete."""
        self._missing = self._counted = 0
        self._task: asyncio.Task[None] | None = None
        self._is_silent = self._is_leaving = self._is_full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._entrance.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what will not be complete; what was complete is kept all the same."""
        del exc
        self._entrance.open.discard(self)
        self._whole()
        self._held = b""

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        self._is_silent = False
        if self._missing > 0:
            self._pieces.append(data)
            self._missing -= len(data)
            if self._missing <= 0:
                self._held = self._whole()
                self._next()
            elif len(self._pieces) > PIECES:
                self._give_away()
            return
        self._held = self._held + data if self._held else data
        if self._task is None and not self._is_full:
            self._next()
        elif len(self._held) > LARGEST:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """Listen to nobody who does not listen."""
        self._is_full = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Listen again."""
        self._is_full = False
        self._go_on()

    def look(self) -> None:
        """Give the connection away if nothing has come since the last look."""
        if self._task is None and self._is_silent:
            if self._is_full:  # nobody hears the answers
                self._transport.abort()
            else:
                self._give_away()
        self._is_silent = True

    def leave(self) -> asyncio.Task[None] | None:
        """Close the connection, now or after the answer; gives what is waited for."""
        self._is_leaving = True
        if self._task is None:
            self._transport.close()
        return self._task

    def _go_on(self) -> None:
        if self._task is None and not (self._is_full or self._transport.is_closing()):
            self._transport.resume_reading()
            if self._held:
                self._next()

    def _next(self) -> None:
        """Begin with the next envelope if all of it has come."""
        held = self._held
        end = held.find(END, 0, LONGEST)
        found = length_of(held[:end]) if end > 0 else None
        head = self._entrance.head(found[0]) if found else None
        if found is None or head is None or found[1] > LARGEST:
            self._give_away()
            return
        begin, size = end + len(END), found[1]
        self._missing = begin + size - len(held)
        if self._missing > 0:
            self._wait()
            return
        self._held = held[begin + size :]
        answer = self._answer(head, held[begin : begin + size])
        self._task = asyncio.get_running_loop().create_task(answer)

    def _wait(self) -> None:
        self._pieces, self._held = [self._held], b""
        self._counted = self._missing
        self._entrance.receiving += self._counted
        if self._entrance.receiving > BYTES_AT_ONCE:
            self._give_away()

    def _whole(self) -> bytes:
        """Put the pieces together."""
        whole, self._pieces, self._missing = b"".join(self._pieces), [], 0
        self._entrance.receiving -= self._counted
        self._counted = 0
        return whole

    async def _answer(self, head: Head, body: bytes) -> None:
        written = await self._said(head, body)
        self._task = None
        if not self._transport.is_closing():
            self._transport.write(written)
        if self._is_leaving:
            self._transport.close()
        else:
            self._go_on()

    async def _said(self, head: Head, body: bytes) -> bytes:
        """Keep an envelope and say what came of it."""
        try:
            return self._entrance.taken(await self._entrance.receiver.take(head, body))
        except RequestRefusedError as error:
            return self._entrance.refused(refusal(error))
        except Exception as error:  # noqa: BLE001  # as in `guard`: a client never sees a traceback
            return self._entrance.refused(failure("the entrance", error))

    def _give_away(self) -> None:
        """Let aiohttp have the connection, and all that has come over it and was not answered."""
        held, self._held = self._whole() or self._held, b""
        self._entrance.open.discard(self)
        protocol = self._entrance.routed()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if held:
            protocol.data_received(held)
