"""Envelopes that come too fast to be read before the answer: on disk first, read when there is time.

While few come, each is read before it is answered: a client hears what is wrong with it, and its rows
are there at once. In a rush the envelope is committed as it came, answered, and read afterwards; what
a station has not read when it ends it reads when it starts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.station.errors import RequestRefusedError, UnavailableError
from tux.station.store.inbox import PUT, Unread, highest, oldest, put, take, values_of, waiting
from tux.station.wire.ingest import answer_id, discard, read_envelope
from tux.station.wire.limits import MIB
from tux.station.wire.protocol import Item, parse_envelope
from tux.station.wire.raw import kept_row, plain_of
from tux.station.wire.rows import Batch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from aiohttp import web

    from tux.station.store import Store
    from tux.station.wire.fingerprints import Rule
    from tux.station.wire.protocol import Envelope
    from tux.station.wire.rows import Row

CALM: Final = 100
"""Envelopes of a burst that are read before they are answered."""
CALM_SECOND: Final = 30
"""The same of each second that follows."""
RUSH: Final = 200
"""Envelopes a second beside which reading stands back: it would take the time that they need."""
MOST: Final = 80_000
"""Most that wait to be read, half a minute's work: those beyond are read before they are answered, however
long it takes. From half of it on, reading no longer stands back."""
MOST_BYTES: Final = 64 * MIB
HELD_BYTES: Final = 16 * MIB
"""Of those that are on their way to the disk, in memory."""
LARGEST: Final = MIB // 4
"""Bytes of one that may wait."""
AT_ONCE: Final = 30
"""Envelopes that are read at a time: less than a tenth of a second."""
LOOK_SECONDS: Final = 0.05
RETRY_SECONDS: Final = 1.0
MICROSECONDS: Final = 1_000_000


class Pace:
    """How fast envelopes come: a bucket that empties by ``CALM_SECOND`` a second."""

    def __init__(self) -> None:
        self._level, self._since = 0.0, 0.0

    def is_calm(self, now: float) -> bool:
        """Count one, and tell whether there is time for it; a rush is over after a second."""
        left = max(0.0, self._level - (now - self._since) * CALM_SECOND)
        self._level, self._since = min(left + 1, CALM + CALM_SECOND), now
        return self._level <= CALM


class Digest:
    """Reads envelopes into rows: at once, or from the inbox."""

    def __init__(
        self,
        store: Store,
        rules: Sequence[Rule],
        *,
        keeps_envelopes: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._rules = rules
        self._keeps_envelopes = keeps_envelopes
        self._clock = clock
        self._pace = Pace()
        self._count = self._bytes = 0
        """What waits, about: another process may take some, and none is zero again."""
        self._arrived = self._held = self._number = 0
        self._next: list[Unread] = []
        self._next_put: asyncio.Task[None] | None = None
        self._being_put: asyncio.Future[None] | None = None
        self._news = asyncio.Event()
        self._is_over = False

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Read what waits while the application runs."""
        self._count, self._bytes, self._number = await asyncio.to_thread(self._waiting)
        self._news.set()
        task = asyncio.create_task(self._run())
        yield
        self._is_over = True
        self._news.set()
        await task

    def may_wait(self, envelope: Envelope, size: int) -> bool:
        """Count an envelope, and tell whether it is to be read later."""
        is_calm = self._pace.is_calm(self._clock())
        return not (
            is_calm
            or envelope.event_id is None  # the answer is the id, which only reading gives
            or size > LARGEST
            or self._count >= MOST
            or self._bytes >= MOST_BYTES
            or self._held >= HELD_BYTES
        )

    async def put(self, project_id: int, received: float, encoding: str, body: bytes) -> None:
        """Keep an envelope until it is read; returns once that is committed.

        Raises:
            UnavailableError: it was not kept; it may be sent again.
        """
        self._arrived += 1
        # By the clock, so that numbers of an earlier process do not come again.
        self._number = max(self._number + 1, int(received * MICROSECONDS))
        unread = Unread(project_id, received, encoding, body, self._number)
        if self._next_put is None and self._store.at_once(PUT, values_of(unread)):
            self._kept(1, len(body))
            return
        self._held += len(body)
        self._next.append(unread)
        # All that come while some are written go together: one errand to the writer instead of many.
        if self._next_put is None:
            if self._being_put is None:
                await self._put_next()
                return
            self._next_put = asyncio.create_task(self._put_after(self._being_put))
        await asyncio.shield(self._next_put)

    async def _put_after(self, before: asyncio.Future[None]) -> None:
        await asyncio.wait([before])
        self._next_put = None
        # The writer may be done by now; else all would go by it for as long as they come one upon another.
        if self._store.at_once(PUT, *map(values_of, self._next)):
            size = sum(len(one.body) for one in self._next)
            self._held -= size
            self._kept(len(self._next), size)
            self._next = []
            return
        await self._put_next()

    async def _put_next(self) -> None:
        unread, self._next = self._next, []
        size = sum(len(one.body) for one in unread)
        self._being_put = done = asyncio.get_running_loop().create_future()
        try:
            await self._store.change(partial(put, unread=unread))
        finally:
            self._held -= size
            done.set_result(None)
            if self._being_put is done:
                self._being_put = None
        self._kept(len(unread), size)

    def _kept(self, count: int, size: int) -> None:
        """Count what was committed."""
        self._count += count
        self._bytes += size
        self._news.set()

    def rows(
        self, envelope: Envelope, content: bytes, wire: tuple[str, bytes], received: float
    ) -> tuple[Row, ...]:
        """Turn an envelope into all that is kept of it.

        Raises:
            MalformedError: nothing in it makes sense.
        """
        rows = read_envelope(envelope, received, self._rules)
        if rows and self._keeps_envelopes:
            kept = kept_row(envelope, content, wire, received, answer_id(envelope, rows))
            rows = rows if kept is None else (*rows, kept)
        return rows

    async def _run(self) -> None:
        while not self._is_over:
            arrived = self._arrived
            if self._count == 0:
                self._news.clear()
                await self._news.wait()
            elif not await self._some():
                await asyncio.sleep(RETRY_SECONDS)
            if self._arrived > arrived:
                await self._stand_back()

    async def _stand_back(self) -> None:
        """Wait until few come. Measured while nothing is read: reading slows them down."""
        is_rush = True
        while is_rush and not self._is_over:
            arrived = self._arrived
            await asyncio.sleep(LOOK_SECONDS)
            is_full = 2 * self._count >= MOST or 2 * self._bytes >= MOST_BYTES
            is_rush = self._arrived - arrived > RUSH * LOOK_SECONDS and not is_full

    async def _some(self) -> bool:
        """Read some; False where the file cannot be used now."""
        count = self._count
        try:
            batches = await asyncio.to_thread(self._read)
        except sqlite3.Error:
            return False
        if not batches:
            if self._count == count:  # else some came after the look
                self._count = self._bytes = 0
            return True
        answers = await asyncio.gather(
            *(self._replace(unread, batch) for unread, batch in batches), return_exceptions=True
        )
        for (unread, _), answer in zip(batches, answers, strict=True):
            if isinstance(answer, UnavailableError):
                return False
            if isinstance(answer, Exception):  # its rows cannot be kept: it must not come for ever
                with suppress(UnavailableError):
                    await self._replace(unread, _lost(unread, "internal", answer))
            self._count = max(0, self._count - 1)
            self._bytes = max(0, self._bytes - len(unread.body))
        return True

    async def _replace(self, unread: Unread, batch: Batch) -> None:
        await self._store.change(partial(take, number=unread.id, batch=batch))

    def _waiting(self) -> tuple[int, int, int]:
        with self._store.read() as connection:
            return (*waiting(connection), highest(connection))

    def _read(self) -> list[tuple[Unread, Batch]]:
        with self._store.read() as connection:
            found = oldest(connection, AT_ONCE)
        return [(unread, self._batch(unread)) for unread in found]

    def _batch(self, unread: Unread) -> Batch:
        wire = unread.encoding, unread.body
        try:
            content = plain_of(*wire)
            rows = self.rows(parse_envelope(content), content, wire, unread.received)
        except RequestRefusedError:  # nobody is there to be told
            return _lost(unread, "invalid")
        except Exception as error:  # noqa: BLE001  # reading goes on, as the server does
            return _lost(unread, "internal", error)
        return Batch(unread.project_id, rows)


def _lost(unread: Unread, reason: str, error: Exception | None = None) -> Batch:
    """Count all items of an envelope as not kept; what is wrong with the station is logged, too."""
    if error is not None:  # the type only: a message may quote the event
        logger.error("the station failed to keep an envelope: {}", type(error).__name__)
    items: tuple[Item, ...]
    try:
        items = parse_envelope(plain_of(unread.encoding, unread.body)).items
    except RequestRefusedError:  # written by a station that took more than this one
        items = (Item("", {}, b""),)
    return Batch(unread.project_id, tuple(discard(item, reason, unread.received) for item in items))
