"""Which roll-ups a range is made of: minutes until the first half hour, half hours until midnight, days."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.remembering import once
from tux.station.rollups.cascade import CASCADES, NEVER
from tux.station.rollups.periods import (
    BLOCKS,
    DAY,
    DAYS,
    HALF_HOUR,
    HALF_HOURS,
    MINUTE,
    MINUTES,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.station.queries.ranges import Range

HALVES: Final = DAY // HALF_HOUR
HALF_MINUTES: Final = HALF_HOUR // MINUTE
_OPEN: Final = f"""
SELECT until, series, (SELECT max(latest) FROM ({
    " UNION ALL ".join(f"SELECT max(period) AS latest FROM {one.minutes}" for one in CASCADES)
})) FROM folded
"""  # noqa: S608  # constants
NOT_YET: Final = "(d.period <> :begun OR d.series_id > :done)"
"""SQL of the rows of a minute that are in no half hour."""


@once
def cover(
    connection: sqlite3.Connection, span: Range, now: float, *, by: float = DAY
) -> dict[str, Any]:
    """Give the parameters of ``covered``; ``by`` is the length of what is asked for.

    Pieces of less than a day are made of half hours only, those of less than that of minutes only.
    Minutes that are no half hours yet belong to each range: ``minutes`` has them as JSON. Of the one
    that is ``begun``, series up to ``done`` are in half hours and days already.
    """
    begin = span.since(now)
    minute, first = int(begin // MINUTE), -int(-begin // HALF_HOUR)
    until = day = NEVER
    if by < HALF_HOUR:
        first = NEVER
    elif by >= DAY:
        day = -int(-begin // DAY)
        until = day * HALVES
    head = NEVER if first == NEVER else first * HALF_MINUTES
    blocks = {
        "first_block": first // BLOCKS[HALF_HOURS],
        "last_block": (until - 1) // BLOCKS[HALF_HOURS],
        "day_block": day // BLOCKS[DAYS],
    }
    periods = {"first": first, "until": until, "day": day, "last_day": NEVER, **blocks}
    return {"minute": minute, "head": head, **_minutes(connection, minute, head), **periods}


def _minutes(connection: sqlite3.Connection, minute: int, head: int) -> dict[str, Any]:
    """List the minutes from one on that are before ``head``, or not quite in a half hour yet."""
    folded, done, latest = connection.execute(_OPEN).fetchone()
    last = -1 if latest is None else latest
    parts = range(minute, min(head, folded, last + 1)), range(max(minute, folded), last + 1)
    # Of what is before that, no half hour is read.
    begun = folded if folded >= head else NEVER
    return {"minutes": json.dumps([*parts[0], *parts[1]]), "begun": begun, "done": done}


def before(facts: dict[str, Any], half: int) -> dict[str, Any]:
    """Narrow what ``cover`` gave to the times before a half hour, and to the days before its own."""
    until = min(facts["until"], half)
    last_block = (until - 1) // BLOCKS[HALF_HOURS]
    narrowed = {**facts, "until": until, "last_block": last_block, "last_day": half // HALVES}
    return with_minutes(narrowed, lambda minute: minute < _over(facts, half))


def beginning(facts: dict[str, Any], half: int) -> dict[str, Any]:
    """Narrow it to a half hour, or its day, and what follows."""
    first, day = max(facts["first"], half), max(facts["day"], half // HALVES)
    blocks = {"first_block": first // BLOCKS[HALF_HOURS], "day_block": day // BLOCKS[DAYS]}
    narrowed = {**facts, "first": first, "day": day, **blocks}
    return with_minutes(narrowed, lambda minute: minute >= _over(facts, half))


def _over(facts: dict[str, Any], half: int) -> int:
    """Give the first minute that is not before a half hour, or its day where days are read."""
    over = half if half < facts["until"] else half // HALVES * HALVES
    return over * HALF_MINUTES


def with_minutes(facts: dict[str, Any], is_in: Callable[[int], bool]) -> dict[str, Any]:
    """Leave only some of the minutes."""
    return {**facts, "minutes": json.dumps(list(filter(is_in, json.loads(facts["minutes"]))))}


def covered(table: str, columns: str, condition: str) -> str:
    """Write the SQL of a table's rows in a range, with their series and their moment."""
    folded = {one.tiers: one.minutes for one in CASCADES}
    within = {
        HALF_HOURS: "d.period >= :first AND d.period < :until",
        DAYS: "d.period >= :day",
        MINUTES: "d.period >= :minute AND d.period < :head",
    }
    lengths = {HALF_HOURS: HALF_HOUR, DAYS: DAY, MINUTES: MINUTE}
    parts = [
        f"SELECT s.*, d.period * {lengths[tier]} AS moment, {columns} "  # noqa: S608  # constants of queries
        f"FROM series AS s CROSS JOIN {table} AS d ON d.series_id = s.id "
        f"WHERE {condition} AND d.tier = {tier} AND {within[tier]}"
        for tier in within
        if tier != MINUTES or table not in folded
    ]
    if table in folded:
        parts.append(
            f"SELECT s.*, d.period * {MINUTE} AS moment, {columns} FROM json_each(:minutes) AS m "  # noqa: S608  # the same
            f"CROSS JOIN {folded[table]} AS d ON d.period = m.value "
            f"CROSS JOIN series AS s ON s.id = d.series_id WHERE {condition} AND {NOT_YET}"
        )
    return " UNION ALL ".join(parts)
