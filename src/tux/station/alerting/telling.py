"""The outbox → whoever is to be told, side by side, until each has it."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.station.alerting import outbox
from tux.station.alerting.errors import NotToldError
from tux.station.alerting.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.station.alerting.notifiers import Target
    from tux.station.store import Store

IDLE_SECONDS: Final = 5.0
"""Longest time that what is due waits for being looked at."""


class Teller:
    """Tells what waits in the outbox of a store."""

    def __init__(self, store: Store, targets: Iterable[Target]) -> None:
        self._store = store
        self._ways = {(one.team, one.kind): one for one in targets}
        self._stir = asyncio.Event()

    def stir(self) -> None:
        """Say that something waits."""
        self._stir.set()

    async def wait(self) -> None:
        """Wait for something to do."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._stir.wait()
        self._stir.clear()

    async def tell(self) -> int:
        """Try what is due now; gives how many. One that is slow does not hold up the others."""
        rows = await asyncio.to_thread(self._due)
        by_way: defaultdict[tuple[str, str], list[outbox.Waiting]] = defaultdict(list)
        for row in rows:
            by_way[row.team, row.notifier].append(row)
        await asyncio.gather(*(self._tell_all(way, some) for way, some in by_way.items()))
        return len(rows)

    def _due(self) -> list[outbox.Waiting]:
        with self._store.read() as connection:
            return outbox.due(connection, self._store.clock())

    async def _tell_all(self, way: tuple[str, str], rows: list[outbox.Waiting]) -> None:
        for row in rows:
            fault = await attempt(self._ways.get(way), row.notice)
            now = self._store.clock()
            if fault is None:
                await self._store.change(partial(outbox.settle, number=row.id, now=now))
            else:
                logger.warning("{} is not told by {}: {}", row.team, row.notifier, fault.reason)
                await self._store.change(partial(outbox.put_off, row=row, fault=fault, now=now))


async def attempt(target: Target | None, notice: Notice) -> NotToldError | None:
    """Tell once; gives why it was not told."""
    if target is None:
        return NotToldError("has no address any more")
    try:
        await target.notifier.tell(notice)
    except NotToldError as error:
        return error
    except Exception as error:  # noqa: BLE001  # a notifier with a bug must not silence the others
        return NotToldError(f"failed ({type(error).__name__})")
    return None


def trial_of(team: str, now: float, url: str) -> Notice:
    """Make what a team is told to see whether it hears."""
    return Notice(
        id=uuid.uuid4().hex,
        kind="test",
        rule="",
        title="Test",
        description="This is a test. Nothing is wrong.",
        team=team,
        severity="medium",
        at=now,
        since=now,
        value=0.0,
        peak=0.0,
        threshold=0.0,
        unit="count",
        window_seconds=60.0,
        count=0,
        users=0,
        evidence="",
        evidence_url="",
        url=url,
        spark=(),
    )
