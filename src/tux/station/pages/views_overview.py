"""The first page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages import panels
from tux.station.pages.data import is_empty
from tux.station.pages.rendering import Asked, View
from tux.station.queries import figures, groups, steps
from tux.station.queries.health import losses
from tux.station.queries.issues import Asking, issues
from tux.station.rollups.areas import DATABASE, EXTERNAL

if TYPE_CHECKING:
    import sqlite3

LATEST: Final = 6
COMMANDS: Final = 12


def overview(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show how the bot is."""
    if is_empty(connection):
        return View("overview.html", {"is_empty": True})
    span, now = asked.range, asked.now
    latest = issues(connection, Asking(limit=LATEST), now).issues
    return View(
        "overview.html",
        {
            "is_empty": False,
            "figures": figures.figures(connection, span, now),
            "database": steps.area_whole(connection, span, now, DATABASE),
            "external": steps.area_whole(connection, span, now, EXTERNAL),
            "panels": [show(connection, asked, of) for show, of in PANELS],
            "commands": groups.commands(connection, span, now, COMMANDS),
            "issues": latest,
            "losses": losses(connection, asked.since),
        },
    )


PANELS: Final[tuple[tuple[panels.Source, str], ...]] = (
    (panels.error_rate, ""),
    (panels.command_duration, ""),
    (panels.failed_commands, ""),
    (panels.database_time, ""),
    (panels.external_time, ""),
    (panels.users_affected, ""),
    (panels.errors_by_command, ""),
    (panels.time_by_operation, ""),
    (panels.release_health, ""),
    (panels.by_tag, "guild.size"),
    (panels.by_tag, "feature"),
)
