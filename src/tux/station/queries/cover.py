"""Which roll-ups a range is made of: half hours until the first midnight, whole days from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.station.rollups.periods import BLOCKS, DAY, DAYS, HALF_HOUR, HALF_HOURS

if TYPE_CHECKING:
    from tux.station.queries.ranges import Range

MOST_UNITS: Final = 2000
"""Latest units of a range without roll-ups whose spans are read."""
HALVES: Final = DAY // HALF_HOUR
_NEVER: Final = 2**62


def cover(span: Range, now: float, *, by: float = DAY) -> dict[str, int]:
    """Give the parameters of ``covered``; ``by`` is the length of what is asked for.

    Pieces of less than a day are made of half hours only.
    """
    begin = span.since(now)
    first, until, day = int(begin // HALF_HOUR), _NEVER, _NEVER
    if by >= DAY:
        day = -int(-begin // DAY)
        until = day * (DAY // HALF_HOUR)
    blocks = {
        "first_block": first // BLOCKS[HALF_HOURS],
        "last_block": (until - 1) // BLOCKS[HALF_HOURS],
        "day_block": day // BLOCKS[DAYS],
    }
    return {"first": first, "until": until, "day": day, "last_day": _NEVER, **blocks}


def before(facts: dict[str, Any], half: int) -> dict[str, Any]:
    """Narrow what ``cover`` gave to the times before a half hour, and to the days before its own."""
    until = min(facts["until"], half)
    last_block = (until - 1) // BLOCKS[HALF_HOURS]
    return {**facts, "until": until, "last_block": last_block, "last_day": half // HALVES}


def beginning(facts: dict[str, Any], half: int) -> dict[str, Any]:
    """Narrow it to a half hour, or its day, and what follows."""
    first, day = max(facts["first"], half), max(facts["day"], half // HALVES)
    blocks = {"first_block": first // BLOCKS[HALF_HOURS], "day_block": day // BLOCKS[DAYS]}
    return {**facts, "first": first, "day": day, **blocks}


def covered(table: str, columns: str, condition: str) -> str:
    """Write the SQL of a table's rows in a range, with their series and their moment."""
    return " UNION ALL ".join(
        f"SELECT s.*, d.period * {length} AS moment, {columns} "  # noqa: S608  # constants of queries
        f"FROM series AS s CROSS JOIN {table} AS d ON d.series_id = s.id "
        f"WHERE {condition} AND d.tier = {tier} AND {within}"
        for tier, length, within in (
            (HALF_HOURS, HALF_HOUR, "d.period >= :first AND d.period < :until"),
            (DAYS, DAY, "d.period >= :day"),
        )
    )
