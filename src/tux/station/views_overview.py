"""The first page, and the charts of all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station import charts, queries
from tux.station.data import counts
from tux.station.queries_health import losses, releases
from tux.station.queries_issues import issues
from tux.station.rendering import Asked, Raw, View

if TYPE_CHECKING:
    import sqlite3

LATEST = 6


def overview(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show how the bot is."""
    span, now, since = asked.range, asked.now, asked.since
    errors = queries.errors_over_time(connection, span, now)
    latest, _ = issues(connection, state="unresolved", query="", page=1, now=now, limit=LATEST)
    return View(
        "overview.html",
        {
            "is_empty": not any(counts(connection).values()),
            "figures": queries.figures(connection, span, now),
            "errors": errors,
            "commands": queries.commands(connection, since, 12),
            "database": queries.database_queries(connection, since),
            "calls": queries.calls(connection, since),
            "by_command": queries.errors_by_command(connection, since),
            "issues": latest,
            "losses": losses(connection, since),
            "releases": releases(connection, since),
        },
    )


def errors_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw errors over time."""
    found = queries.errors_over_time(connection, asked.range, asked.now)
    return _image(charts.errors_chart(found, asked.range.bucket, _look(asked)))


def runs_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw commands over time."""
    span, name = asked.range, asked.word("name") or None
    points = queries.durations_over_time(connection, span, asked.now, name)
    return _image(charts.runs_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def durations_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw durations over time."""
    span, name = asked.range, asked.word("name") or None
    points = queries.durations_over_time(connection, span, asked.now, name)
    return _image(charts.durations_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def _look(asked: Asked) -> charts.Look:
    return charts.Look(
        is_dark=asked.query.get("theme") == "dark", is_small=asked.query.get("size") == "small"
    )


def _image(body: bytes) -> Raw:
    return Raw(body, "image/svg+xml", charts.POLICY)
