"""What the file holds, kind by kind, and what was not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.rollups.periods import DAY, HOUR

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

KINDS: Final[dict[str, tuple[str, str, str]]] = {
    "Events": ("events", "timestamp", "event_days"),
    "Transactions": ("transactions", "start", "transaction_days"),
    "Logs": ("logs", "timestamp", "log_days"),
    "Sessions": ("sessions", "started", "session_days"),
    "Check-ins": ("check_ins", "started", "session_days"),
    "Feedback": ("feedback", "timestamp", "event_days"),
    "Envelopes": ("envelopes", "received", "envelope_days"),
}
"""Kind → its table, the column of its time, and the setting that says for how long."""
SAMPLED: Final = 400
"""Rows of a table whose size is looked at: all of them would be the whole file."""
DAYS: Final = 30
LINES: Final = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of what is kept."""

    kind: str
    rows: int
    """Exact for kinds of some 100,000 rows; for larger ones from how the ids run."""
    bytes: int
    """About: of the columns, from the latest rows."""
    oldest: float | None
    days: float
    """For how long it is kept."""
    setting: str


@dataclass(frozen=True, slots=True)
class Storage:
    """The station's file."""

    bytes: int
    free_bytes: int
    """Of it: given back to the disk bit by bit."""
    most_bytes: int
    kinds: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was not kept of one kind, for one reason, on one day."""

    day: float
    """Where it begins, in Unix seconds."""
    origin: str
    """``client``: it says so itself; ``station``: it arrived and was not kept."""
    category: str
    reason: str
    quantity: int


def storage(
    connection: sqlite3.Connection, days: Mapping[str, float], most_bytes: float
) -> Storage:
    """Tell how large the file is and what is in it.

    Args:
        connection: of the file.
        days: for how long kinds are kept, by setting.
        most_bytes: that the file may have.
    """
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    kinds = tuple(_kept(connection, kind, days) for kind in KINDS)
    return Storage(pages * size, free * size, int(most_bytes), kinds)


def dropped(connection: sqlite3.Connection, now: float, days: int = DAYS) -> list[Dropped]:
    """List what was not kept, the latest day first, and of a day the most first."""
    rows = connection.execute(
        "SELECT hour / 24, origin, category, reason, sum(quantity) FROM discards "
        "WHERE project_id IN (SELECT id FROM projects) AND hour >= ? "
        "GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 5 DESC LIMIT ?",
        (int(now // HOUR) - 24 * days, LINES),
    )
    return [Dropped(row[0] * DAY, *row[1:]) for row in rows]


def _kept(connection: sqlite3.Connection, kind: str, days: Mapping[str, float]) -> Kept:
    table, time, setting = KINDS[kind]
    rows = _rows(connection, table)
    oldest = connection.execute(f"SELECT min({time}) FROM {table}").fetchone()[0]  # noqa: S608  # constants
    return Kept(
        kind,
        rows,
        rows * _row_bytes(connection, table),
        oldest,
        days[setting],
        f"STATION_{setting.upper()}",
    )


def _rows(connection: sqlite3.Connection, table: str) -> int:
    """Count a table; one whose ids run on is not gone through for it."""
    if table == "sessions":  # it has no numbers
        return _one(connection, "SELECT count(*) FROM sessions")
    first, last = connection.execute(
        f"SELECT (SELECT id FROM {table} ORDER BY id LIMIT 1), "  # noqa: S608  # constants
        f"(SELECT id FROM {table} ORDER BY id DESC LIMIT 1)"
    ).fetchone()
    if first is None:
        return 0
    if last - first < 100_000:  # noqa: PLR2004  # some milliseconds
        return _one(connection, f"SELECT count(*) FROM {table}")  # noqa: S608  # constants
    return int(last - first + 1)


def _row_bytes(connection: sqlite3.Connection, table: str) -> int:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    order = "started" if table == "sessions" else "id"
    lengths = " + ".join(f"coalesce(length({name}), 0)" for name in columns)
    found = connection.execute(
        f"SELECT avg({lengths}) FROM (SELECT * FROM {table} ORDER BY {order} DESC LIMIT {SAMPLED})"  # noqa: S608  # constants
    ).fetchone()[0]
    return int(found or 0)


def _one(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])
