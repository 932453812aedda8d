"""Pages about the station itself: what is in its file, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.pages.rendering import Asked, View
from tux.station.queries import storage as queries
from tux.station.queries.metrics import metrics as metrics_of
from tux.station.store.retention import MEGABYTE

if TYPE_CHECKING:
    import sqlite3

    from tux.shared.settings import StationSettings
    from tux.station.queries.storage import Storage


class StorageViews:
    """Those that need to know the settings."""

    def __init__(self, settings: StationSettings) -> None:
        self._most = settings.size_mb * MEGABYTE
        self._days = {
            setting: float(getattr(settings, setting)) for _, _, setting in queries.KINDS.values()
        }

    def found(self, connection: sqlite3.Connection) -> Storage:
        """Look at the file."""
        return queries.storage(connection, self._days, self._most)

    def storage(self, connection: sqlite3.Connection, _asked: Asked) -> View:
        """Show what is kept."""
        return View("storage.html", {"storage": self.found(connection)})


def dropped(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show what was not kept, and why."""
    return View("dropped.html", {"dropped": queries.dropped(connection, asked.now)})


def metrics(connection: sqlite3.Connection, asked: Asked) -> View:
    """Show what the bot counts and measures by itself."""
    return View("metrics.html", {"metrics": metrics_of(connection, asked.range, asked.now)})
