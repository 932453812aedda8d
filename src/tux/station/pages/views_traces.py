"""Pages of one trace, and of what else clients tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages.rendering import Asked, View, missing
from tux.station.queries import groups, traces
from tux.station.queries import logs as log_queries
from tux.station.queries.events import events_of_trace
from tux.station.queries.monitors import monitors_of
from tux.station.queries.ranges import RANGES

if TYPE_CHECKING:
    import sqlite3

AHEAD: Final = 86_400.0
"""Seconds that clocks of clients may be ahead: what comes from there is shown, too."""
MOST_GROUPS: Final = 500
"""Kinds of work among which loops are looked for."""


def trace(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show what happened in one trace."""
    trace_id = asked.match["trace"]
    events = events_of_trace(connection, trace_id)
    waterfall = traces.trace(connection, trace_id, events)
    logs = log_queries.logs_of_trace(connection, trace_id)
    if not (waterfall.steps or events or logs):
        return missing("trace")
    facts = {"trace_id": trace_id, "events": events, "waterfall": waterfall, "logs": logs}
    return View("trace.html", facts)


def logs(connection: sqlite3.Connection, asked: Asked) -> View:
    """List log lines."""
    span = asked.choice("range", ("", *RANGES))
    since, until = asked.window or (asked.since if span else 0.0, asked.now + AHEAD)
    asking = log_queries.AskingLogs(
        asked.choice("level", ("", *log_queries.LEVELS)),
        asked.word("query"),
        since,
        until,
        asked.word("after"),
    )
    found = log_queries.logs(connection, asking)
    facts = {
        "logs": found,
        "asking": asking,
        "span": span,
        "levels": log_queries.LEVELS,
        "older": log_queries.older(found, asking),
    }
    return View("logs.html", facts)


def monitors(connection: sqlite3.Connection, asked: Asked) -> View:
    """List jobs and how their runs went, and loops beside them."""
    found = groups.transactions(connection, asked.range, asked.now, limit=MOST_GROUPS)
    loops = [group for group in found if group.op.startswith("task")]
    return View("monitors.html", {"monitors": monitors_of(connection, asked.now), "loops": loops})


def not_found(_connection: sqlite3.Connection, _asked: Asked) -> View:
    """Say that there is no such page."""
    return missing("page")
