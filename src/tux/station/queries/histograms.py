"""Histograms of a range, series by series."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.cover import NOT_YET, before, beginning, cover, with_minutes
from tux.station.queries.remembering import once, remembered
from tux.station.rollups.histogram import Bucket, merged
from tux.station.rollups.periods import BLOCKS, DAY, DAYS, HALF_HOUR, MINUTE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from tux.station.queries.ranges import Range

Histograms = dict[tuple[str, str], list[Bucket]]
"""By name and op."""

# Each part in the order of its rows, so that little is sorted; and all buckets as one text, for each
# step of a query gives the interpreter's lock away: where much is received at the same time, a
# reader gets it back only milliseconds later.
_HISTOGRAMS: Final = f"""
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
            UNION ALL
            SELECT bucket, runs, total, failed
            FROM json_each(:minutes) AS m CROSS JOIN duration_minutes AS d
            WHERE d.period = m.value AND d.series_id = s.id AND {NOT_YET}
        ) GROUP BY bucket
    )
)
FROM series AS s WHERE kind = :kind AND (:name IS NULL OR name = :name)
"""  # noqa: S608  # a constant


@once
def histograms(
    connection: sqlite3.Connection, span: Range, now: float, kind: str, name: str | None = None
) -> Histograms:
    """Add up what ran in a range: all series of a kind, or those of one name."""
    facts: dict[str, Any] = {"kind": kind, "name": name, **cover(connection, span, now)}
    half, today = int(now // HALF_HOUR), int(now // DAY)
    if span.seconds < DAY:
        return _asked(connection, facts)
    if facts["day"] < today:
        # The half hours before the first midnight are few, and other ones at each look.
        first: int = facts["day"]
        nothing = {"first": 0, "until": 0, "first_block": 0, "last_block": -1}
        over = {**facts, **nothing, "last_day": today}
        rest = {**facts, "day": today, "day_block": today // BLOCKS[DAYS]}

        def is_over(minute: int) -> bool:
            return first <= minute * MINUTE // DAY < today

        over = with_minutes(over, is_over)
        rest = with_minutes(rest, lambda minute: not is_over(minute))
        key = ("days", kind, name, facts["day"], today)
    else:
        over, rest = before(facts, half), beginning(facts, half)
        key = ("half hours", kind, name, facts["first"], half)
    found = dict(remembered(connection, key, lambda: _asked(connection, over)))
    for own, buckets in _asked(connection, rest).items():
        found[own] = merged([*found.get(own, ()), *buckets])
    return found


def _asked(connection: sqlite3.Connection, facts: Mapping[str, Any]) -> Histograms:
    rows = connection.execute(_HISTOGRAMS, facts)
    return {
        (name, op): buckets for name, op, parts in rows if (buckets := merged(json.loads(parts)))
    }
