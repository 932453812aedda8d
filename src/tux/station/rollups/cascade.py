"""Minutes, and how they become half hours and days.

What arrives is written by the minute. Some minutes later it is added to the longer periods, in the same
transaction that says so, and readers add what is not there yet: a fold that is late, or was cut off,
changes no figure. What comes after that is added to all of them at once. A minute of many series is
folded some series at a time, so that no commit takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tux.station.rollups.periods import BLOCKS, MINUTE, MINUTES_KEPT, OPEN, TIERS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

Key: TypeAlias = tuple[int | str, ...]
Part: TypeAlias = tuple[int, *Key]
"""A minute, and what is counted in it: a series, a bucket of it, a user."""
NEVER: Final = 2**62
NO_SERIES: Final = -1
AT_ONCE: Final = 2000
"""Rows: where so many were folded, the next series are left to the next commit."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a minute is written: by itself from ``first`` to ``last``, and in tiers before ``folded``."""

    first: int
    last: int
    folded: int
    series: int = NO_SERIES
    """Up to this one, those of the minute ``folded`` are in tiers, too."""


TIERS_ONLY: Final = Cut(NEVER, NEVER, NEVER)


class _Cascade:
    """One kind of sums: its table of minutes and its table of tiers."""

    def __init__(
        self, minutes: str, tiers: str, of: str, sums: tuple[str, ...], *, has_blocks: bool = False
    ) -> None:
        self.minutes, self.tiers, self._has_blocks = minutes, tiers, has_blocks
        added = ", ".join(sums)
        more = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
        key = f"period, {of}"
        tier_key = f"tier, {'block, ' if has_blocks else ''}{key}"
        self._put, self._add = (
            f"INSERT INTO {table} ({columns}, {added}) "  # noqa: S608  # constants of this file
            f"VALUES ({', '.join('?' * (columns.count(',') + 1 + len(sums)))}) "
            f"ON CONFLICT ({columns}) DO UPDATE SET {more}"
            for table, columns in ((minutes, key), (tiers, tier_key))
        )
        self._is_by_series = of.startswith("series_id")
        part = "period = ?" + " AND series_id > ? AND series_id <= ?" * self._is_by_series
        self._folds = []
        for tier, length in TIERS:
            period = f"period / {length // MINUTE}"
            block = f"{period} / {BLOCKS[tier]}, " if has_blocks else ""
            self._folds.append(
                f"INSERT INTO {tiers} ({tier_key}, {added}) "  # noqa: S608  # constants of this file
                f"SELECT {tier}, {block}{period}, {of}, {added} FROM {minutes} WHERE {part} "
                f"ON CONFLICT ({tier_key}) DO UPDATE SET {more}"
            )

    def write(
        self, connection: sqlite3.Connection, found: Mapping[Part, Sequence[float]], cut: Cut
    ) -> None:
        """Add sums to their minutes; those of minutes that were folded to the tiers, too."""
        rows = [(*part, *sums) for part, sums in found.items() if cut.first <= part[0] < cut.last]
        if rows:
            connection.executemany(self._put, rows)
        tiers: dict[Key, list[float]] = {}
        for (minute, *of), sums in found.items():
            if minute < cut.folded or (minute == cut.folded and self._is_begun(of, cut)):
                for tier, length in TIERS:
                    period = minute * MINUTE // length
                    block = (period // BLOCKS[tier],) if self._has_blocks else ()
                    _add(tiers, (tier, *block, period, *of), sums)
        if tiers:
            connection.executemany(self._add, [(*key, *sums) for key, sums in tiers.items()])

    def fold(self, connection: sqlite3.Connection, *part: int) -> int:
        """Add a minute, or its series after one and up to another, to half hour and day; gives the rows."""
        return max(connection.execute(statement, part).rowcount for statement in self._folds)

    def _is_begun(self, of: Sequence[int | str], cut: Cut) -> bool:
        return self._is_by_series and int(of[0]) <= cut.series


_RUNS: Final = ("runs", "failed", "total")
DURATIONS: Final = _Cascade(
    "duration_minutes", "durations", "series_id, bucket", _RUNS, has_blocks=True
)
SUMS: Final = _Cascade("sum_minutes", "sums", "series_id", _RUNS)
USER_HITS: Final = _Cascade("hit_minutes", "user_hits", "user_id", ("events",))
_BY_SERIES: Final = (DURATIONS, SUMS)
CASCADES: Final = (*_BY_SERIES, USER_HITS)
_NEXT: Final = " UNION ALL ".join(
    f"SELECT min(period) AS period FROM {one.minutes} WHERE period >= ?1"  # noqa: S608  # constants
    for one in CASCADES
)
_LAST: Final = " UNION ALL ".join(
    f"SELECT * FROM (SELECT series_id FROM {one.minutes} WHERE period = ?1 AND series_id > ?2 "  # noqa: S608  # constants
    "ORDER BY series_id LIMIT 1 OFFSET ?3)"
    for one in _BY_SERIES
)


def _add(found: dict[Key, list[float]], key: Key, more: Sequence[float]) -> None:
    """Add sums to what was found of a key."""
    sums = found.get(key)
    if sums is None:
        found[key] = list(more)
    else:
        for place, value in enumerate(more):
            sums[place] += value


def fold(connection: sqlite3.Connection, now: float) -> Cut:
    """Fold minutes whose time it is, the oldest first and some series at least; tells where to write."""
    before = connection.execute("SELECT until, series FROM folded").fetchone()
    (until, series), due, left = before, due_at(now), AT_ONCE
    while until < due and left > 0:
        (minute,) = connection.execute(f"SELECT min(period) FROM ({_NEXT})", (until,)).fetchone()  # noqa: S608  # constants
        if minute is None or minute >= due:
            until, series = due, NO_SERIES
            break
        after = series if minute == until else NO_SERIES
        (last,) = connection.execute(
            f"SELECT min(series_id) FROM ({_LAST})",  # noqa: S608  # constants
            (minute, after, left),
        ).fetchone()
        end = NEVER if last is None else last
        left -= sum(one.fold(connection, minute, after, end) for one in _BY_SERIES)
        until, series = minute, end
        if last is None:
            left -= USER_HITS.fold(connection, minute)
            until, series = minute + 1, NO_SERIES
    if (until, series) != before:
        connection.execute("UPDATE folded SET until = ?, series = ?", (until, series))
    return Cut(min(kept_from(now), until), NEVER, until, series)


def due_at(now: float) -> int:
    """Give the first minute that is still open."""
    return int(now // MINUTE) - OPEN


def kept_from(now: float) -> int:
    """Give the first minute that is kept by itself."""
    return int(now // MINUTE) - MINUTES_KEPT
