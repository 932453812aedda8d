"""Minutes, and how they become half hours and days.

What arrives is written by the minute. Some minutes later it is added to the longer periods, in the same
transaction that says so, and readers add what is not there yet: a fold that is late, or was cut off,
changes no figure. What comes after that is added to all of them at once.
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
AT_ONCE: Final = 5000
"""Rows: where so many were folded, the next minute is left to the next commit."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a minute is written: by itself from ``first`` to ``last``, and in tiers before ``folded``."""

    first: int
    last: int
    folded: int


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
        self._folds = []
        for tier, length in TIERS:
            period = f"period / {length // MINUTE}"
            block = f"{period} / {BLOCKS[tier]}, " if has_blocks else ""
            self._folds.append(
                f"INSERT INTO {tiers} ({tier_key}, {added}) "  # noqa: S608  # constants of this file
                f"SELECT {tier}, {block}{period}, {of}, {added} FROM {minutes} WHERE period = ? "
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
            if minute < cut.folded:
                for tier, length in TIERS:
                    period = minute * MINUTE // length
                    block = (period // BLOCKS[tier],) if self._has_blocks else ()
                    _add(tiers, (tier, *block, period, *of), sums)
        if tiers:
            connection.executemany(self._add, [(*key, *sums) for key, sums in tiers.items()])

    def fold(self, connection: sqlite3.Connection, minute: int) -> None:
        """Add a minute to its half hour and its day."""
        for statement in self._folds:
            connection.execute(statement, (minute,))


_RUNS: Final = ("runs", "failed", "total")
DURATIONS: Final = _Cascade(
    "duration_minutes", "durations", "series_id, bucket", _RUNS, has_blocks=True
)
SUMS: Final = _Cascade("sum_minutes", "sums", "series_id", _RUNS)
USER_HITS: Final = _Cascade("hit_minutes", "user_hits", "user_id", ("events",))
CASCADES: Final = (DURATIONS, SUMS, USER_HITS)
_NEXT: Final = " UNION ALL ".join(
    f"SELECT min(period) AS period FROM {one.minutes} WHERE period >= ?1"  # noqa: S608  # constants
    for one in CASCADES
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
    """Fold minutes whose time it is, the oldest first and one at least; tells where to write."""
    (before,) = connection.execute("SELECT until FROM folded").fetchone()
    until, due, changes = before, due_at(now), connection.total_changes
    while until < due and connection.total_changes - changes < AT_ONCE:
        (minute,) = connection.execute(f"SELECT min(period) FROM ({_NEXT})", (until,)).fetchone()  # noqa: S608  # constants
        if minute is None or minute >= due:
            until = due
        else:
            for one in CASCADES:
                one.fold(connection, minute)
            until = minute + 1
    if until > before:
        connection.execute("UPDATE folded SET until = ?", (until,))
    return Cut(min(kept_from(now), until), NEVER, until)


def due_at(now: float) -> int:
    """Give the first minute that is still open."""
    return int(now // MINUTE) - OPEN


def kept_from(now: float) -> int:
    """Give the first minute that is kept by itself."""
    return int(now // MINUTE) - MINUTES_KEPT
