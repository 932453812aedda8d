"""Logs and monitors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3

LINES: Final = 200
RUNS: Final = 40
"""Check-ins of a monitor that are shown."""
MONITORS: Final = 200
LEVELS: Final = ("fatal", "error", "warn", "info", "debug", "trace")
_SECONDS: Final = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604_800,
    "month": 2_678_400,
    "year": 31_622_400,
}


@dataclass(frozen=True, slots=True)
class Log:
    """One log line."""

    timestamp: float
    level: str
    body: str
    trace_id: str | None
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a monitored job."""

    started: float
    status: str
    duration: float | None
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """A job that is checked in."""

    slug: str
    schedule: str
    is_late: bool
    """Whether a run should have begun that did not."""
    runs: tuple[Run, ...]
    """The newest first."""

    @property
    def status(self) -> str:
        """How the newest run is."""
        return "missed" if self.is_late else self.runs[0].status


def logs_of(
    connection: sqlite3.Connection, *, level: str = "", query: str = "", trace_id: str | None = None
) -> list[Log]:
    """List log lines, the newest first; of a trace, the oldest first."""
    conditions, parameters, order = ["1"], list[Any](), "DESC"
    if level:
        conditions.append("level = ?")
        parameters.append(level)
    if query:
        conditions.append("instr(lower(body), ?) > 0")
        parameters.append(query.lower())
    if trace_id:
        order = "ASC"
        conditions.append("trace_id = ?")
        parameters.append(trace_id)
    rows = connection.execute(
        "SELECT timestamp, level, body, trace_id, attributes FROM logs "  # noqa: S608  # constants
        f"WHERE {' AND '.join(conditions)} ORDER BY timestamp {order}, id {order} LIMIT {LINES}",
        parameters,
    )
    return [Log(*(*row[:4], _own(json.loads(row[4])))) for row in rows]


def _own(attributes: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pick what the bot says; the SDK adds a dozen attributes about itself to each line."""
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in attributes.items()
        if not name.startswith(("sentry.", "server.", "process.", "thread.", "code.", "logger."))
    )[:12]


def monitors_of(connection: sqlite3.Connection, now: float) -> list[Monitor]:
    """List monitored jobs by name."""
    slugs = connection.execute(
        "SELECT DISTINCT monitor_slug FROM check_ins ORDER BY 1 LIMIT ?", (MONITORS,)
    ).fetchall()
    return [_monitor(connection, row[0], now) for row in slugs]


def _monitor(connection: sqlite3.Connection, slug: str, now: float) -> Monitor:
    rows = connection.execute(
        "SELECT started, status, duration, config FROM check_ins WHERE monitor_slug = ? "
        "ORDER BY started DESC LIMIT ?",
        (slug, RUNS),
    ).fetchall()
    config = _object(next((row["config"] for row in rows if row["config"]), None))
    schedule = config.get("schedule")
    schedule = schedule if isinstance(schedule, dict) else {}
    runs = tuple(Run(*row[:3]) for row in rows)
    return Monitor(slug, _schedule(schedule), _is_late(schedule, config, runs[0], now), runs)


def _object(document: str | None) -> dict[str, Any]:
    found = json.loads(document or "{}")
    return found if isinstance(found, dict) else {}


def _schedule(schedule: dict[str, Any]) -> str:
    value, unit = schedule.get("value"), schedule.get("unit")
    if schedule.get("type") == "interval":
        return f"every {unit}" if value == 1 else f"every {value} {unit}s"
    return str(value or "")


def _is_late(schedule: dict[str, Any], config: dict[str, Any], run: Run, now: float) -> bool:
    """Tell for intervals; when a crontab is due, only Sentry itself says."""
    value, seconds = schedule.get("value"), _SECONDS.get(str(schedule.get("unit")))
    margin = config.get("checkin_margin")
    if schedule.get("type") != "interval" or not isinstance(value, int) or seconds is None:
        return False
    # Sentry's default of ``checkin_margin``: one minute.
    grace = 60.0 * (margin if isinstance(margin, int) else 1)
    return value > 0 and now > run.started + value * seconds + grace
