"""Histograms of a range, series by series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tux.station.queries.cover import cover
from tux.station.rollups.histogram import Bucket, merged
from tux.station.rollups.periods import BLOCKS, DAY, DAYS
from tux.station.store import Reader

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from tux.station.queries.ranges import Range

Answer = TypeVar("Answer")
Histograms = dict[tuple[str, str], list[Bucket]]
"""By name and op."""

# Each part in the order of its rows, so that little is sorted; and all buckets as one text, for each
# step of a query gives the interpreter's lock away: where much is received at the same time, a
# reader gets it back only milliseconds later.
_HISTOGRAMS: Final = """
SELECT name, op, (
    SELECT json_group_array(json_array(bucket, runs, total, failed)) FROM (
        SELECT bucket, sum(runs) AS runs, sum(total) AS total, sum(failed) AS failed FROM (
            SELECT bucket, sum(runs) AS runs, sum(total) AS total, sum(failed) AS failed
            FROM durations
            WHERE tier = 0 AND series_id = s.id AND block BETWEEN :first_block AND :last_block
                AND period >= :first AND period < :until
            GROUP BY block, bucket
            UNION ALL
            SELECT bucket, sum(runs), sum(total), sum(failed)
            FROM durations
            WHERE tier = 1 AND series_id = s.id AND block >= :day_block
                AND period >= :day AND period < :last_day
            GROUP BY block, bucket
        ) GROUP BY bucket
    )
)
FROM series AS s WHERE kind = :kind AND (:name IS NULL OR name = :name)
"""


def histograms(
    connection: sqlite3.Connection, span: Range, now: float, kind: str, name: str | None = None
) -> Histograms:
    """Add up what ran in a range: all series of a kind, or those of one name."""
    facts: dict[str, Any] = {"kind": kind, "name": name, **cover(span, now)}
    today = int(now // DAY)
    if facts["day"] >= today:
        return _asked(connection, facts)
    over = {**facts, "first": 0, "until": 0, "first_block": 0, "last_block": -1, "last_day": today}
    found = dict(_remembered(connection, over))
    rest = {**facts, "day": today, "day_block": today // BLOCKS[DAYS]}
    for own, buckets in _asked(connection, rest).items():
        found[own] = merged([*found.get(own, ()), *buckets])
    return found


def _remembered(connection: sqlite3.Connection, facts: Mapping[str, Any]) -> Histograms:
    """Ask for days that are over once: hardly ever is something added to them."""
    key = facts["kind"], facts["name"], facts["day"], facts["last_day"]
    return remembered(connection, key, lambda: _asked(connection, facts))


def remembered(
    connection: sqlite3.Connection, key: tuple[object, ...], ask: Callable[[], Answer]
) -> Answer:
    """Give what was asked of days that are over, as long as nothing was added to them."""
    if not isinstance(connection, Reader):
        return ask()
    (late,) = connection.execute("SELECT times FROM late").fetchone()
    if (*key, late) not in connection.over:
        connection.make_room(late)
        connection.over[*key, late] = ask()
    known: Answer = connection.over[*key, late]
    return known


def _asked(connection: sqlite3.Connection, facts: Mapping[str, Any]) -> Histograms:
    rows = connection.execute(_HISTOGRAMS, facts)
    return {
        (name, op): buckets for name, op, parts in rows if (buckets := merged(json.loads(parts)))
    }
