"""The first page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.pages import panels
from tux.station.pages.data import is_empty
from tux.station.pages.rendering import Asked, View
from tux.station.queries import groups
from tux.station.queries.health import losses
from tux.station.queries.issues import Asking, issues
from tux.station.queries.measured import sampling

if TYPE_CHECKING:
    import sqlite3

    from tux.watch.definitions import Definitions

LATEST: Final = 6
COMMANDS: Final = 12


def overview(connection: sqlite3.Connection, asked: Asked, watched: Definitions) -> View:
    """Show how the bot is: every metric and widget that is declared."""
    if is_empty(connection):
        return View("overview.html", {"is_empty": True})
    return View(
        "overview.html",
        {
            "is_empty": False,
            "metrics": [panels.metric(connection, asked, one) for one in watched.metrics.values()],
            "widgets": [panels.widget(connection, asked, one) for one in watched.widgets.values()],
            "commands": groups.commands(connection, asked.range, asked.now, COMMANDS),
            "issues": issues(connection, Asking(limit=LATEST), asked.now).issues,
            "known": sampling(connection, asked.range, asked.now),
            "losses": losses(connection, asked.since),
        },
    )
