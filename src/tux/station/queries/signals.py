"""Logs and monitors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.schedules import Run, schedule_of, strip_of
from tux.station.queries.search import plain, trigrams

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

LINES: Final = 200
SEARCHED: Final = 20_000
"""Latest lines that are looked through; of a text with three letters, those that have them."""
RUNS: Final = 40
"""Check-ins of a monitor that are shown."""
MONITORS: Final = 200
LEVELS: Final = ("fatal", "error", "warn", "info", "debug", "trace")
_LINES: Final = "SELECT l.timestamp, l.level, l.body, l.trace_id, l.attributes FROM logs AS l"
_WITH_LETTERS: Final = (
    "SELECT rowid AS id FROM logs_text WHERE logs_text MATCH :known "  # noqa: S608  # a constant
    f"ORDER BY rowid DESC LIMIT {SEARCHED}"
)
_LATEST: Final = f"SELECT id FROM logs ORDER BY timestamp DESC LIMIT {SEARCHED}"  # noqa: S608  # a constant
# From one slug to the next, instead of through all check-ins.
_SLUGS: Final = """
WITH RECURSIVE slugs (slug) AS (
    SELECT min(monitor_slug) FROM check_ins
    UNION ALL
    SELECT (SELECT min(monitor_slug) FROM check_ins WHERE monitor_slug > slug) FROM slugs
    WHERE slug IS NOT NULL
    LIMIT ?
)
SELECT slug FROM slugs WHERE slug IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Log:
    """One log line."""

    timestamp: float
    level: str
    body: str
    trace_id: str | None
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A job that is checked in."""

    slug: str
    schedule: str
    is_late: bool
    """Whether a run should have begun that did not."""
    runs: tuple[Run, ...]
    """The newest first."""
    strip: tuple[Run, ...]
    """The same, with those that were late marked and those that were missed in their places."""

    def count(self, status: str) -> int:
        """Tell how many of the strip went so."""
        return sum(run.status == status for run in self.strip)

    @property
    def status(self) -> str:
        """How the newest run is."""
        return "missed" if self.is_late else self.runs[0].status


def logs_of(
    connection: sqlite3.Connection, *, level: str = "", query: str = "", trace_id: str | None = None
) -> list[Log]:
    """List log lines, the newest first; of a trace, the oldest first.

    A text is looked for among all lines, one that is too short for the index among the latest.
    """
    if trace_id:
        condition, facts = "WHERE trace_id = :trace ORDER BY timestamp, id", {"trace": trace_id}
    elif text := plain(query):
        return _found(connection, level, text)
    else:
        condition = "WHERE level = :level" if level else ""
        condition, facts = f"{condition} ORDER BY timestamp DESC, id DESC", {"level": level}
    rows = connection.execute(f"{_LINES} {condition} LIMIT {LINES}", facts)
    return [_log(row) for row in rows]


def _found(connection: sqlite3.Connection, level: str, text: str) -> list[Log]:
    """Look the latest lines through: with an index for those that have the letters."""
    known = " AND ".join(filter(None, (trigrams(f"<{level}>") if level else None, trigrams(text))))
    source = _WITH_LETTERS if known else _LATEST
    rows = connection.execute(
        f"{_LINES} JOIN ({source}) AS f ON f.id = l.id "
        f"WHERE (:level = '' OR level = :level) AND instr(lower(body), :text) > 0 LIMIT {LINES}",
        {"known": known, "text": text, "level": level},
    )
    return sorted(map(_log, rows), key=lambda log: log.timestamp, reverse=True)


def _log(row: Sequence[Any]) -> Log:
    timestamp, level, body, trace_id, attributes = row
    return Log(timestamp, level, body, trace_id, _own(json.loads(attributes)))


def _own(attributes: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pick what the bot says; the SDK adds a dozen attributes about itself to each line."""
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in attributes.items()
        if not name.startswith(("sentry.", "server.", "process.", "thread.", "code.", "logger."))
    )[:12]


def monitors_of(connection: sqlite3.Connection, now: float) -> list[Monitor]:
    """List monitored jobs by name."""
    slugs = connection.execute(_SLUGS, (MONITORS,)).fetchall()
    return [_monitor(connection, row[0], now) for row in slugs]


def _monitor(connection: sqlite3.Connection, slug: str, now: float) -> Monitor:
    rows = connection.execute(
        "SELECT started, status, duration, config FROM check_ins WHERE monitor_slug = ? "
        "ORDER BY started DESC LIMIT ?",
        (slug, RUNS),
    ).fetchall()
    config = _object(next((row["config"] for row in rows if row["config"]), None))
    schedule = schedule_of(config)
    runs = tuple(Run(*row[:3]) for row in rows)
    is_late = schedule.is_missed(runs[0].started, now)
    return Monitor(slug, schedule.words, is_late, runs, tuple(strip_of(schedule, runs, now)))


def _object(document: str | None) -> dict[str, Any]:
    found = json.loads(document or "{}")
    return found if isinstance(found, dict) else {}
