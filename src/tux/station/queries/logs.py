"""Log lines: the latest, those of a time, a level or a text, and those of a trace."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.search import plain, trigrams

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

LINES: Final = 200
SEARCHED: Final = 20_000
"""Latest lines that are looked through; of a text with three letters, those that have them."""
LEVELS: Final = ("fatal", "error", "warn", "info", "debug", "trace")
_COLUMNS: Final = (
    "SELECT l.id, l.timestamp, l.level, l.body, l.trace_id, l.attributes FROM logs AS l"
)
_LATEST: Final = "ORDER BY timestamp DESC, id DESC"
_EVER: Final = 1e18
_WITH_LETTERS: Final = f"""
SELECT rowid AS id FROM logs_text WHERE logs_text MATCH :known AND rowid < :id
ORDER BY rowid DESC LIMIT {SEARCHED}
"""  # noqa: S608  # a constant
_ANY: Final = f"SELECT id FROM logs WHERE id < :id ORDER BY id DESC LIMIT {SEARCHED}"  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Log:
    """One log line."""

    id: int
    timestamp: float
    level: str
    body: str
    trace_id: str | None
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AskingLogs:
    """Which lines somebody wants."""

    level: str = ""
    query: str = ""
    since: float = 0.0
    until: float = _EVER
    after: str = ""
    """What ``older`` gave: only what comes behind it."""

    def facts(self) -> dict[str, Any]:
        """Give the parameters of the queries."""
        until, number = _place(self.after)
        return {
            "level": self.level,
            "text": plain(self.query),
            "since": self.since,
            "until": min(until, self.until),
            "id": number,
            # What is of the moment of a place may be behind it; of the end of a time it is not.
            "before": number if until <= self.until else 0,
        }


def logs_of_trace(connection: sqlite3.Connection, trace_id: str) -> list[Log]:
    """List the first lines of a trace, the oldest first."""
    rows = connection.execute(
        f"{_COLUMNS} WHERE trace_id = ? ORDER BY timestamp, id LIMIT {LINES}", (trace_id,)
    )
    return [_log(row) for row in rows]


def logs(connection: sqlite3.Connection, asking: AskingLogs) -> list[Log]:
    """List lines, the newest first.

    A text is looked for among all lines, one that is too short for the index among the latest.
    """
    facts = asking.facts()
    if facts["text"]:
        return _found(connection, facts)
    level = "AND level = :level" if asking.level else ""
    rows = connection.execute(
        f"{_COLUMNS} WHERE timestamp >= :since AND (timestamp, id) < (:until, :before) {level} "
        f"{_LATEST} LIMIT {LINES}",
        facts,
    )
    return [_log(row) for row in rows]


def older(found: Sequence[Log], asking: AskingLogs) -> str:
    """Name the place behind a list; empty where it was all."""
    if len(found) < LINES:
        return ""
    if plain(asking.query):  # found in the order in which they arrived
        return f"~{min(log.id for log in found)}"
    return f"{found[-1].timestamp!r}~{found[-1].id}"


def _found(connection: sqlite3.Connection, facts: Mapping[str, Any]) -> list[Log]:
    """Look the latest lines through: with an index for those that have the letters."""
    letters = (trigrams(f"<{facts['level']}>") if facts["level"] else None, trigrams(facts["text"]))
    known = " AND ".join(filter(None, letters))
    rows = connection.execute(
        f"{_COLUMNS} JOIN ({_WITH_LETTERS if known else _ANY}) AS f ON f.id = l.id "
        "WHERE (:level = '' OR level = :level) AND timestamp >= :since AND timestamp < :until "
        f"AND instr(lower(body), :text) > 0 LIMIT {LINES}",
        {**facts, "known": known},
    )
    return sorted(map(_log, rows), key=lambda log: log.timestamp, reverse=True)


def _place(written: str) -> tuple[float, int]:
    moment, _, number = written.partition("~")
    try:
        return float(moment or _EVER), min(int(number), 2**62)
    except ValueError:
        return _EVER, 2**62


def _log(row: Sequence[Any]) -> Log:
    number, timestamp, level, body, trace_id, attributes = row
    return Log(number, timestamp, level, body, trace_id, _own(json.loads(attributes)))


def _own(attributes: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pick what the bot says; the SDK adds a dozen attributes about itself to each line."""
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in attributes.items()
        if not name.startswith(("sentry.", "server.", "process.", "thread.", "code.", "logger."))
    )[:12]
