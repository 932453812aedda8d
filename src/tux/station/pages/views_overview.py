"""The first page, and the charts of all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.pages import charts
from tux.station.pages.data import is_empty
from tux.station.pages.rendering import Asked, Raw, View
from tux.station.queries import figures, groups
from tux.station.queries.health import losses, releases
from tux.station.queries.issues import Asking, issues

if TYPE_CHECKING:
    import sqlite3

LATEST = 6


def overview(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show how the bot is."""
    span, now, since = asked.range, asked.now, asked.since
    errors = figures.errors_over_time(connection, span, now)
    latest = issues(connection, Asking(limit=LATEST), now).issues
    return View(
        "overview.html",
        {
            "is_empty": is_empty(connection),
            "figures": figures.figures(connection, span, now),
            "errors": errors,
            "commands": groups.commands(connection, span, now, 12),
            "database": groups.database_queries(connection, span, now),
            "calls": groups.calls(connection, span, now),
            "by_command": figures.errors_by_command(connection, span, now),
            "issues": latest,
            "losses": losses(connection, since),
            "releases": releases(connection, span, now),
        },
    )


def errors_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw errors over time."""
    found = figures.errors_over_time(connection, asked.range, asked.now)
    return _image(charts.errors_chart(found, asked.range.bucket, _look(asked)))


def runs_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw commands over time."""
    span, name = asked.range, asked.word("name") or None
    points = figures.durations_over_time(connection, span, asked.now, name)
    return _image(charts.runs_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def durations_chart(connection: sqlite3.Connection, asked: Asked) -> Raw:
    """Draw durations over time."""
    span, name = asked.range, asked.word("name") or None
    points = figures.durations_over_time(connection, span, asked.now, name)
    return _image(charts.durations_chart(points, span.starts(asked.now), span.bucket, _look(asked)))


def _look(asked: Asked) -> charts.Look:
    return charts.Look(
        is_dark=asked.query.get("theme") == "dark", is_small=asked.query.get("size") == "small"
    )


def _image(body: bytes) -> Raw:
    return Raw(body, "image/svg+xml", charts.POLICY)
