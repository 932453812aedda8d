"""The first page, and the charts of all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.pages import charts
from tux.station.pages.data import counts
from tux.station.pages.rendering import Asked, Raw, View
from tux.station.queries import performance
from tux.station.queries.health import losses, releases
from tux.station.queries.issues import issues

if TYPE_CHECKING:
    import sqlite3

LATEST = 6


def overview(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show how the bot is."""
    span, now, since = asked.range, asked.now, asked.since
    errors = performance.errors_over_time(connection, span, now)
    latest, _ = issues(connection, state="unresolved", query="", page=1, now=now, limit=LATEST)
    return View(
        "overview.html",
        {
            "is_empty": not any(counts(connection).values()),
            "figures": performance.figures(connection, span, now),
            "errors": errors,
            "commands": performance.commands(connection, since, 12),
            "database": performance.database_queries(connection, since),
            "calls": performance.calls(connection, since),
            "by_command": performance.errors_by_command(connection, since),
            "issues": latest,
            "losses": losses(connection, since),
            "releases": releases(connection, since),
        },
    )


def errors_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw errors over time."""
    found = performance.errors_over_time(connection, asked.range, asked.now)
    return _image(charts.errors_chart(found, asked.range.bucket, _look(asked)))


def runs_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw commands over time."""
    span, name = asked.range, asked.word("name") or None
    points = performance.durations_over_time(connection, span, asked.now, name)
    return _image(charts.runs_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def durations_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw durations over time."""
    span, name = asked.range, asked.word("name") or None
    points = performance.durations_over_time(connection, span, asked.now, name)
    return _image(charts.durations_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def _look(asked: Asked) -> charts.Look:
    return charts.Look(
        is_dark=asked.query.get("theme") == "dark", is_small=asked.query.get("size") == "small"
    )


def _image(body: bytes) -> Raw:
    return Raw(body, "image/svg+xml", charts.POLICY)
