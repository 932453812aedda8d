"""Pages that nobody has asked for: whoever opens one first need not wait for a month to be read.

After a start the file may not be in memory, and what is remembered of days that are over is not there.
Each page that is opened often is made once, and thrown away; between two of them others have their turn.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.station.pages import (
    views_insights,
    views_issues,
    views_overview,
    views_performance,
    views_traces,
)
from tux.station.pages.data import counts
from tux.station.pages.rendering import Asked, Raw, Site
from tux.station.queries.ranges import RANGES, USUAL
from tux.station.rollups.periods import DAY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from tux.station.pages.rendering import Ask, Elsewhere, View
    from tux.station.store import Store
    from tux.watch.definitions import Definitions

AFTER_MIDNIGHT: Final = 1.0
"""Seconds: what is remembered is of whole days, and each day is another one."""
CALM_SECOND: Final = 100
"""Commits a second beside which pages are made that nobody has asked for."""
PAUSE_SECONDS: Final = 0.05
LONG: Final = tuple(
    span.name for span in (USUAL, *RANGES.values()) if span is USUAL or span.seconds > USUAL.seconds
)
"""Ranges of which much is read, the one that a page has by itself first."""


async def warm_for_ever(store: Store, watched: Definitions) -> None:
    """Look at the start, and after each midnight, until cancelled."""
    while True:
        await warm(store, watched)
        await asyncio.sleep(DAY - store.clock() % DAY + AFTER_MIDNIGHT)


async def warm(store: Store, watched: Definitions) -> None:
    """Make each page once; where that fails, whoever opens it is told."""
    site = Site(store)
    for view, query in _pages(watched):
        begun = time.monotonic()
        asked = Asked("/", {}, query, store.clock(), base="", dsn="", csrf="")
        try:
            await asyncio.to_thread(site.answer, view, asked)
        except Exception as error:  # noqa: BLE001  # nobody has asked for it, and the station goes on
            logger.warning("a page could not be prepared: {}", type(error).__name__)
            return
        await _stand_back(lambda: store.commits, time.monotonic() - begun)


async def _stand_back(commits: Callable[[], int], took: float) -> None:
    """Give others as long as a page took, and as long as much comes in."""
    pause, is_calm = max(took, PAUSE_SECONDS), False
    while not is_calm:
        before = commits()
        await asyncio.sleep(pause)
        is_calm = commits() - before <= CALM_SECOND * pause


def _pages(watched: Definitions) -> Iterator[tuple[Ask, Mapping[str, str]]]:
    """List what is made: views and their queries, the first page first."""
    overview: Ask = partial(views_overview.overview, watched=watched)
    performance: Ask = views_performance.transactions
    views: tuple[tuple[Ask, Mapping[str, str]], ...] = (
        (overview, {}),
        (performance, {}),
        (views_insights.errors, {}),
        (views_performance.queries, {}),
        (views_performance.hosts, {}),
        (views_performance.operations, {}),
        (performance, {"sort": "slowest"}),
        (performance, {"sort": "failed"}),
        (views_insights.users, {}),
        (views_insights.releases, {}),
        (views_insights.tags, {}),
    )
    yield from ((view, {**query, "range": span}) for view, query in views for span in LONG)
    yield from (
        (view, {}) for view in (views_issues.issues, views_traces.logs, _of_command, _counted)
    )


def _of_command(connection: sqlite3.Connection, asked: Asked) -> View | Raw | Elsewhere:
    newest = "SELECT name FROM transactions ORDER BY id DESC LIMIT 1"
    found = connection.execute(newest).fetchone()
    query = {"command": found[0]} if found else {}
    return views_insights.errors(connection, replace(asked, query=query))


def _counted(connection: sqlite3.Connection, _asked: Asked) -> Raw:
    return Raw(str(counts(connection)).encode(), "text/plain")
