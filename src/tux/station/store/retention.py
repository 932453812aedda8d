"""Old data goes, kind by kind, in steps so small that writes hardly wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger

from tux.station.errors import UnavailableError

if TYPE_CHECKING:
    import sqlite3

    from tux.shared.settings import StationSettings
    from tux.station.store import Store

STEP = 500
"""Rows that one step removes."""
PAGES = 2000
"""Free pages (4 KiB each) that one step gives back to the disk."""
PERIOD = 3600.0
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What is too old in one table."""

    table: str
    condition: str
    """SQL with one parameter: the oldest moment that stays."""
    days: str
    """Field of the station's settings."""


RULES = (
    Rule("events", "timestamp < ?", "event_days"),
    Rule("issues", "last_seen < ?", "event_days"),
    Rule("feedback", "timestamp < ?", "event_days"),
    Rule("transactions", "start < ?", "transaction_days"),
    Rule("spans", "txn IS NULL AND start < ?", "transaction_days"),
    Rule("logs", "timestamp < ?", "log_days"),
    Rule("sessions", "started < ?", "session_days"),
    Rule("check_ins", "started < ?", "session_days"),
    Rule("discards", "(hour + 1) * 3600 < ?", "count_days"),
)

_KEYS = {
    "sessions": "project_id, sid",
    "discards": "project_id, hour, origin, category, reason",
}


async def prune(store: Store, settings: StationSettings, now: float) -> dict[str, int]:
    """Remove what is older than the settings say, and tell how many rows of each table.

    What hangs on a row (tags, spans) goes with it and is not counted.
    """
    removed = dict.fromkeys((rule.table for rule in RULES), 0)
    for rule in RULES:
        oldest = now - getattr(settings, rule.days) * DAY
        while step := await store.change(partial(_remove, rule=rule, oldest=oldest)):
            removed[rule.table] += step
    while await store.change(_shrink):
        pass
    return removed


async def prune_for_ever(store: Store, settings: StationSettings) -> None:
    """Remove old data now and every hour."""
    while True:
        try:
            removed = await prune(store, settings, store.clock())
        except UnavailableError as error:
            logger.warning("the station could not remove old data: {}", error)
        else:
            if total := sum(removed.values()):
                logger.info("the station removed {} old rows", total)
        await asyncio.sleep(PERIOD)


def _remove(connection: sqlite3.Connection, rule: Rule, oldest: float) -> int:
    key = _KEYS.get(rule.table, "rowid")
    statement = (
        f"DELETE FROM {rule.table} WHERE ({key}) IN "  # noqa: S608  # constants of this file
        f"(SELECT {key} FROM {rule.table} WHERE {rule.condition} LIMIT {STEP})"
    )
    return connection.execute(statement, (oldest,)).rowcount


def _shrink(connection: sqlite3.Connection) -> bool:
    """Give free pages back; tell whether more are left."""
    (before,) = connection.execute("PRAGMA freelist_count").fetchone()
    if before:
        connection.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    (after,) = connection.execute("PRAGMA freelist_count").fetchone()
    return bool(0 < after < before)
