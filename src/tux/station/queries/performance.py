"""What the overview shows: figures, commands, slow calls, series for charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

FAILED: Final = ("internal_error", "unknown_error", "unavailable", "data_loss")
"""Statuses that mean that the bot is at fault; a member's mistake has others."""
FAILED_SQL: Final = "status IN ('internal_error', 'unknown_error', 'unavailable', 'data_loss')"
_COMMANDS: Final = "op >= 'command' AND op < 'commane'"
ERRORS: Final = "level IN ('error', 'fatal')"


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the top."""

    errors: int
    runs: int
    failures: int
    users: int
    """Users who met an error."""
    p50: float | None
    """Milliseconds of a command."""
    p95: float | None
    minutes: float

    @property
    def errors_per_minute(self) -> float:
        """Errors a minute, over the whole range."""
        return self.errors / self.minutes

    @property
    def failure_rate(self) -> float | None:
        """Share of the commands that failed; None where none ran."""
        return self.failures / self.runs if self.runs else None


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one kind: a command, a query, a call."""

    name: str
    op: str
    count: int
    failures: int
    users: int
    total: float
    """Milliseconds of all together."""
    p50: float
    p95: float
    p99: float

    @property
    def failure_rate(self) -> float:
        """Share that failed."""
        return self.failures / self.count


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a series of durations."""

    start: float
    count: int
    failures: int
    p50: float
    p95: float
    p99: float


def _grouped(table: str, name: str, users: str, where: str, order: str) -> str:
    # The row at rank ceil(n * q) of the sorted durations is the exact percentile.
    return f"""
    WITH ranked AS (
        SELECT {name} AS name, op, duration, {FAILED_SQL} AS failed, {users} AS user_id,
            row_number() OVER (PARTITION BY {name} ORDER BY duration) AS rank,
            count(*) OVER (PARTITION BY {name}) AS n
        FROM {table} WHERE start >= ? AND {where}
    )
    SELECT name, max(op), max(n), sum(failed), count(DISTINCT user_id), sum(duration),
        max(CASE WHEN rank = (n * 50 + 99) / 100 THEN duration END),
        max(CASE WHEN rank = (n * 95 + 99) / 100 THEN duration END),
        max(CASE WHEN rank = (n * 99 + 99) / 100 THEN duration END)
    FROM ranked GROUP BY name ORDER BY {order} LIMIT ?
    """  # noqa: S608  # constants of this file


_BY_COMMAND = _grouped("transactions", "name", "user_id", _COMMANDS, "max(n) DESC")
_BY_TRANSACTION = _grouped("transactions", "name", "user_id", "1", "max(n) DESC")
_OF_ONE_NAME = _grouped("transactions", "name", "user_id", "name = ?", "1")
_BY_QUERY = _grouped(
    "spans", "description", "NULL", "op >= 'db' AND op < 'dc'", "sum(duration) DESC"
)
_BY_CALL = _grouped("spans", "description", "NULL", "op = 'http.client'", "sum(duration) DESC")
_ERRORS_BY_COMMAND = f"""
SELECT t.value, count(*) FROM events AS e
JOIN event_tags AS t ON t.event = e.id AND t.key = 'command'
WHERE e.timestamp >= ? AND {ERRORS} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?
"""  # noqa: S608  # constants of this file


def figures(connection: sqlite3.Connection, span: Range, now: float) -> Figures:
    """Count what happened."""
    since = span.since(now)
    errors, users = connection.execute(
        f"SELECT count(*), count(DISTINCT user_id) FROM events WHERE timestamp >= ? AND {ERRORS}",  # noqa: S608  # constants
        (since,),
    ).fetchone()
    durations = connection.execute(
        f"SELECT duration, {FAILED_SQL} FROM transactions WHERE start >= ? AND {_COMMANDS} "  # noqa: S608  # constants
        "ORDER BY duration",
        (since,),
    ).fetchall()
    return Figures(
        errors=errors,
        runs=len(durations),
        failures=sum(row[1] for row in durations),
        users=users,
        p50=percentile([row[0] for row in durations], 50),
        p95=percentile([row[0] for row in durations], 95),
        minutes=span.seconds / 60,
    )


def percentile(ordered: list[float], percent: int) -> float | None:
    """Pick the value below which so many percent lie (nearest rank); None of nothing."""
    return ordered[(len(ordered) * percent + 99) // 100 - 1] if ordered else None


def commands(connection: sqlite3.Connection, since: float, limit: int = 50) -> list[Group]:
    """List commands, the most used first."""
    return _groups(connection, _BY_COMMAND, since, limit)


def transactions(
    connection: sqlite3.Connection, since: float, *, name: str | None = None, limit: int = 40
) -> list[Group]:
    """List all kinds of work, the most frequent first; or the one of a name."""
    if name is None:
        return _groups(connection, _BY_TRANSACTION, since, limit)
    return _groups(connection, _OF_ONE_NAME, since, name, limit)


def database_queries(connection: sqlite3.Connection, since: float, limit: int = 8) -> list[Group]:
    """List queries, those that take the most time together first."""
    return _groups(connection, _BY_QUERY, since, limit)


def calls(connection: sqlite3.Connection, since: float, limit: int = 8) -> list[Group]:
    """List calls of external APIs and of Discord, the same way."""
    return _groups(connection, _BY_CALL, since, limit)


def _groups(connection: sqlite3.Connection, query: str, *parameters: float | str) -> list[Group]:
    return [Group(*row) for row in connection.execute(query, parameters)]


def errors_over_time(
    connection: sqlite3.Connection, span: Range, now: float
) -> list[tuple[float, int]]:
    """Count errors in each bucket of a range, empty ones too."""
    counted = dict(
        connection.execute(
            f"SELECT CAST(min(timestamp, ?) / ? AS INTEGER), count(*) FROM events "  # noqa: S608  # constants
            f"WHERE timestamp >= ? AND {ERRORS} GROUP BY 1",
            (now, span.bucket, span.since(now)),
        ).fetchall()
    )
    return [(start, counted.get(round(start / span.bucket), 0)) for start in span.starts(now)]


def errors_by_command(
    connection: sqlite3.Connection, since: float, limit: int = 8
) -> list[tuple[str, int]]:
    """Count errors of each command, the most first."""
    rows = connection.execute(_ERRORS_BY_COMMAND, (since, limit))
    return [(row[0], row[1]) for row in rows]


def durations_over_time(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> list[Point | None]:
    """Measure each bucket of a range: commands, or the transactions of one name; None of nothing."""
    condition = _COMMANDS if name is None else "name = ?"
    parameters = (now, span.bucket, span.since(now), *(() if name is None else (name,)))
    buckets: dict[int, list[tuple[float, int]]] = {}
    for number, duration, failed in connection.execute(
        f"SELECT CAST(min(start, ?) / ? AS INTEGER), duration, {FAILED_SQL} FROM transactions "  # noqa: S608  # constants
        f"WHERE start >= ? AND {condition} ORDER BY duration",
        parameters,
    ):
        buckets.setdefault(number, []).append((duration, failed))
    return [
        _point(start, buckets.get(round(start / span.bucket), [])) for start in span.starts(now)
    ]


def _point(start: float, rows: list[tuple[float, int]]) -> Point | None:
    durations = [row[0] for row in rows]
    p50, p95, p99 = (percentile(durations, percent) for percent in (50, 95, 99))
    if p50 is None or p95 is None or p99 is None:
        return None
    return Point(start, len(rows), sum(row[1] for row in rows), p50, p95, p99)
