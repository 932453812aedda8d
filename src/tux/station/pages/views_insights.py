"""Pages about whom it hits, since when, and where: users, releases, tags, the errors of a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages import plots
from tux.station.pages.ordering import by, ordered
from tux.station.pages.rendering import Asked, View
from tux.station.queries import people
from tux.station.queries.errors import PICKED, causes
from tux.station.queries.figures import errors_by_command
from tux.station.queries.measured import sampling
from tux.station.queries.releases import versions
from tux.station.queries.tags import tags as tags_of

if TYPE_CHECKING:
    import sqlite3

VERSIONS: Final = (
    *("latest", "runs", "failure_rate", "errors", "errors_per_thousand"),
    *("new_issues", "sessions", "crash_free", "name"),
)
VALUES: Final = ("runs", "failure_rate", "mean", "errors", "value")
SHOWN_VALUES: Final = 6
"""Of each tag, where all of them are shown."""
COMMANDS: Final = 100
_AHEAD: Final = 120.0
"""Seconds that clocks of clients may be ahead."""


def users(connection: sqlite3.Connection, asked: Asked) -> View:
    """List users who met errors, or show one."""
    user = asked.word("id")
    if user:
        facts = {
            "user": user,
            "issues": people.issues_met(connection, user),
            "used": people.used(connection, user),
            "rows": people.runs_of(connection, user),
        }
        return View("user.html", facts)
    order = by(asked, people.ORDERS)
    found = people.affected(connection, asked.range, asked.now, order=order)
    return View(
        "users.html", {"users": found, "by": order, "chart": plots.users(connection, asked)}
    )


def releases(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show releases side by side."""
    order = by(asked, VERSIONS)
    found = ordered(versions(connection, asked.range, asked.now), order)
    known = sampling(connection, asked.range, asked.now)
    return View("releases.html", {"versions": found, "by": order, "known": known})


def tags(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show what the values of tags tell apart, or those of one."""
    key = asked.word("key")
    order = by(asked, VALUES)
    found = [
        (tag, ordered(tag.values, order))
        for tag in tags_of(connection, asked.range, asked.now, key)
    ]
    known = sampling(connection, asked.range, asked.now)
    facts = {"tags": found, "key": key, "by": order, "shown": SHOWN_VALUES, "known": known}
    return View("tags.html", facts)


def errors(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show which issues the errors of a time are of."""
    since, until = asked.window or (asked.since, asked.now + _AHEAD)
    picked = {name: asked.word(name) for name in PICKED if name in asked.query}
    return View(
        "errors.html",
        {
            "causes": causes(connection, since, until, picked),
            "window": asked.window,
            "picked": picked,
            "chart": plots.errors(connection, asked),
            "by_command": errors_by_command(connection, asked.range, asked.now, COMMANDS),
        },
    )
