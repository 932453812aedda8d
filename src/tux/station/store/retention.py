"""Old data goes, kind by kind, in steps so small that writes hardly wait."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from loguru import logger

from tux.station.errors import UnavailableError
from tux.station.rollups.periods import DAY
from tux.station.store.arrivals import wake
from tux.station.store.merging import settle
from tux.station.store.rules import ROLLUP_RULES, RULES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from tux.shared.settings import StationSettings
    from tux.station.rollups.names import Names
    from tux.station.store import Store
    from tux.station.store.rules import Rule

STEP_SECONDS: Final = 0.005
"""How long the writer is held at a time."""
PAUSE_SECONDS: Final = 0.01
"""How long others then have it for themselves."""
PAGES: Final = 50
"""Free pages (4 KiB each) that one statement gives back to the disk."""
PERIOD: Final = 3600.0
LOOK: Final = 60.0
"""Seconds between two looks at the size of the file."""
MEGABYTE: Final = 1_000_000
LESS: Final = 0.9
"""Where the file is too large, so much of the time that rows were kept is left, again and again."""
SHORTEST: Final = 0.001
# A series is gone when nothing of it is left: minutes before those are in the tables above.
_LEFT: Final = """
SELECT 1 FROM durations WHERE tier IN (0, 1) AND series_id = s.id
UNION ALL SELECT 1 FROM counts WHERE tier IN (0, 1, 2) AND series_id = s.id
UNION ALL SELECT 1 FROM session_counts WHERE tier IN (0, 1, 2) AND series_id = s.id
UNION ALL SELECT 1 FROM sums WHERE tier IN (0, 1) AND series_id = s.id
UNION ALL SELECT 1 FROM series_users WHERE series_id = s.id
"""
_FORGET: Final = f"""
DELETE FROM series WHERE id IN (SELECT id FROM series AS s WHERE NOT EXISTS ({_LEFT}))
AND id NOT IN (
    SELECT series_id FROM duration_minutes WHERE period >= (SELECT until FROM folded)
    UNION SELECT series_id FROM sum_minutes WHERE period >= (SELECT until FROM folded)
)
"""  # noqa: S608  # a constant


async def prune(
    store: Store, settings: StationSettings, now: float, share: float = 1.0
) -> dict[str, int]:
    """Remove what is older than the settings say, and tell how many rows of each table.

    What hangs on a row (tags, spans) goes with it and is not counted.

    Args:
        store: where from.
        settings: how many days each kind is kept.
        now: in Unix seconds.
        share: of those days, for rows; what was counted is kept as long as ever.
    """
    removed = await _remove_all(
        store, RULES, lambda rule: now - _days(rule, settings) * DAY * share
    )
    if share == 1.0:
        removed |= await _remove_all(
            store, ROLLUP_RULES, lambda rule: now - _days(rule, settings) * DAY
        )
        await store.change(partial(_forget_unused, names=store.names))
    await _steps(store, _give_back)
    return removed


async def shrink(store: Store, settings: StationSettings, now: float) -> float:
    """Keep rows for a shorter time until the file has its size; gives the share of the time."""
    share = 1.0
    while await store.change(partial(_is_over, most=settings.size_mb * MEGABYTE)):
        share *= LESS
        if share < SHORTEST:
            break
        await prune(store, settings, now, share)
    return share


async def prune_for_ever(store: Store, settings: StationSettings) -> None:
    """Remove old data now and every hour, and more of it where the file is too large."""
    due = 0.0
    while True:
        now = store.clock()
        try:
            if now >= due:
                due = now + PERIOD
                if total := sum((await prune(store, settings, now)).values()):
                    logger.info("the station removed {} old rows", total)
            await store.change(partial(wake, now=now))
            await finish_merges(store)
            share = await shrink(store, settings, now)
        except UnavailableError as error:
            logger.warning("the station could not remove old data: {}", error)
        else:
            if share < 1:
                logger.warning(
                    "the station's file is at its limit (STATION_SIZE_MB): it has rows of {:.1%} "
                    "of the time that it should",
                    share,
                )
        await asyncio.sleep(LOOK)


async def finish_merges(store: Store) -> None:
    """Let the events of issues that were merged follow, bit by bit."""
    await _steps(store, settle)


def _days(rule: Rule, settings: StationSettings) -> float:
    return rule.days if isinstance(rule.days, float) else float(getattr(settings, rule.days))


async def _remove_all(
    store: Store, rules: Iterable[Rule], oldest: Callable[[Rule], float]
) -> dict[str, int]:
    removed: dict[str, int] = {}
    for rule in rules:
        count = await _steps(store, partial(_remove, rule=rule, oldest=oldest(rule)))
        removed[rule.table] = removed.get(rule.table, 0) + count
    return removed


async def _steps(store: Store, work: Callable[[sqlite3.Connection], int]) -> int:
    """Do something bit by bit until nothing is left of it; gives how much it was."""
    total = 0
    while done := await store.change(partial(_for_a_while, work=work)):
        total += done
        await asyncio.sleep(PAUSE_SECONDS)
    return total


def _for_a_while(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], int]) -> int:
    until, total = time.monotonic() + STEP_SECONDS, 0
    while done := work(connection):
        total += done
        if time.monotonic() >= until:
            break
    return total


def _remove(connection: sqlite3.Connection, rule: Rule, oldest: float) -> int:
    statement = (
        f"DELETE FROM {rule.table} WHERE ({rule.key}) IN "  # noqa: S608  # constants of rules.py
        f"(SELECT {rule.old} LIMIT {rule.at_once})"
    )
    return connection.execute(statement, (oldest,)).rowcount


def _forget_unused(connection: sqlite3.Connection, names: Names) -> None:
    connection.execute(_FORGET)
    names.forget()


def _is_over(connection: sqlite3.Connection, most: float) -> bool:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return bool((pages - free) * size > most)


def _give_back(connection: sqlite3.Connection) -> int:
    """Give free pages back to the disk; tell how many."""
    (before,) = connection.execute("PRAGMA freelist_count").fetchone()
    if before:
        connection.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    (after,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(before - after)
