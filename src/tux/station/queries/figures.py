"""The first page's figures, and series for its charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.queries.cover import cover, covered
from tux.station.queries.measured import kind_of_bars, work
from tux.station.queries.points import Point, counted_bars, of_buckets, placed
from tux.station.queries.remembering import once
from tux.station.rollups.outcomes import is_command
from tux.station.rollups.tally import EVENT

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the top."""

    errors: int
    users: int
    """Users who met an error."""
    minutes: float
    commands: Point | None
    """None where none ran."""

    @property
    def errors_per_minute(self) -> float:
        """Errors a minute, over the whole range."""
        return self.errors / self.minutes

    @property
    def runs(self) -> int:
        """Commands that ran."""
        return self.commands.count if self.commands else 0

    @property
    def failures(self) -> int:
        """Commands that failed."""
        return self.commands.failures if self.commands else 0

    @property
    def failure_rate(self) -> float | None:
        """Share of the commands that failed; None where none ran."""
        return self.commands.failure_rate if self.commands else None


_ERROR: Final = "s.kind = :kind AND s.state IN ('error', 'fatal')"
_ERRORS: Final = f"""
SELECT CAST(min(moment, :now) / :bar AS INTEGER), sum(count)
FROM ({covered("counts", "d.count", _ERROR)}) GROUP BY 1
"""  # noqa: S608  # constants
_BY_COMMAND: Final = f"""
SELECT name, sum(count)
FROM ({covered("counts", "d.count", f"{_ERROR} AND s.name <> ''")})
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit
"""  # noqa: S608  # constants


def figures(connection: sqlite3.Connection, span: Range, now: float) -> Figures:
    """Count what happened."""
    commands = whole(connection, span, now)
    return Figures(
        errors=sum(count for _, count in errors_over_time(connection, span, now)),
        users=users_affected(connection, span, now),
        minutes=(now - span.since(now)) / 60,
        commands=commands,
    )


@once
def users_affected(connection: sqlite3.Connection, span: Range, now: float) -> int:
    """Count who met an error."""
    query = "SELECT count(*) FROM affected WHERE latest >= ?"
    return int(connection.execute(query, (span.since(now),)).fetchone()[0])


@once
def errors_over_time(
    connection: sqlite3.Connection, span: Range, now: float
) -> list[tuple[float, int]]:
    """Count errors in each bucket of a range, empty ones too."""
    facts = {"now": now, "bar": span.bucket, "kind": EVENT}
    rows = connection.execute(_ERRORS, {**facts, **cover(connection, span, now, by=span.bucket)})
    counted = {row[0]: row[1] for row in rows}
    return [(start, counted.get(round(start / span.bucket), 0)) for start in span.starts(now)]


def errors_by_command(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8
) -> list[tuple[str, int]]:
    """Count errors of each command, the most first."""
    facts = {"kind": EVENT, "limit": limit, **cover(connection, span, now)}
    rows = connection.execute(_BY_COMMAND, facts)
    return [(row[0], row[1]) for row in rows]


def durations_over_time(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> list[Point | None]:
    """Measure each bucket of a range: commands, or what has one name; None of nothing."""
    kind = kind_of_bars(connection, span, now, name)
    return placed(counted_bars(connection, span, now, kind, name or ""), span, now)


def whole(connection: sqlite3.Connection, span: Range, now: float) -> Point | None:
    """Measure all commands of a range."""
    found = work(connection, span, now)
    return of_buckets(
        bucket for key, buckets in found.items() if is_command(key[1]) for bucket in buckets
    )
