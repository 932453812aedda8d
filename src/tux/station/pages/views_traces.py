"""Pages of one trace, and of what else clients tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.pages.rendering import Asked, View, missing
from tux.station.queries import traces
from tux.station.queries.events import events_of_trace
from tux.station.queries.signals import LEVELS, logs_of, monitors_of

if TYPE_CHECKING:
    import sqlite3


def trace(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show what happened in one trace."""
    trace_id = asked.match["trace"]
    events = events_of_trace(connection, trace_id)
    waterfall = traces.trace(connection, trace_id, events)
    logs = logs_of(connection, trace_id=trace_id)
    if not (waterfall.steps or events or logs):
        return missing("trace")
    facts = {"trace_id": trace_id, "events": events, "waterfall": waterfall, "logs": logs}
    return View("trace.html", facts)


def logs(connection: sqlite3.Connection, asked: Asked) -> View:
    """List log lines."""
    level = asked.choice("level", ("", *LEVELS))
    found = logs_of(connection, level=level, query=asked.word("query"))
    return View("logs.html", {"logs": found, "level": level, "levels": LEVELS})


def monitors(connection: sqlite3.Connection, asked: Asked) -> View:
    """List jobs and how their runs went."""
    return View("monitors.html", {"monitors": monitors_of(connection, asked.now)})


def not_found(_connection: sqlite3.Connection, _asked: Asked) -> View:
    """Say that there is no such page."""
    return missing("page")
