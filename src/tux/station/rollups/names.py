"""Series → their numbers. How many there may be is bounded: foreign clients choose the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.rollups.outcomes import ERRORS, FAILED, is_command
from tux.station.rollups.tally import COMMANDS, EVENT, RUN, TRANSACTION, Series

if TYPE_CHECKING:
    import sqlite3

MOST: Final = 10_000
"""Series of one kind. A bot has some dozens; ids in names make any number."""
MOST_SHOWN: Final = 2000
"""The same of a kind that a page lists."""
OTHER: Final = "(other)"
_SHOWN: Final = frozenset({TRANSACTION, COMMANDS, "db", "http"})
_STATES: Final = frozenset({"ok", "unknown", "warning", "info", "debug", *FAILED, *ERRORS})
_FIND: Final = (
    "SELECT id FROM series WHERE kind = ? AND name = ? AND op = ? AND state = ? AND release = ?"
)
_ADD: Final = (
    "INSERT INTO series (kind, name, op, state, release) VALUES (?, ?, ?, ?, ?) RETURNING id"
)


class Names:
    """The numbers that were given, as the writer remembers them.

    Only for the writer's thread. What is taken back must be forgotten.
    """

    def __init__(self, most: int = MOST, most_shown: int = MOST_SHOWN) -> None:
        self._most, self._most_shown = most, most_shown
        self._known: dict[Series, int] = {}
        self._counts: dict[str, int] = {}

    def number(self, connection: sqlite3.Connection, series: Series) -> int:
        """Give the number of a series; a new one of a full kind is one of the others."""
        found = self._known.get(series)
        if found is not None:
            return found
        row = connection.execute(_FIND, series).fetchone()
        if row is None:
            if self._is_full(connection, series.kind) and series != (other := other_of(series)):
                return self.number(connection, other)
            row = connection.execute(_ADD, series).fetchone()
            self._counts[series.kind] += 1
        self._known[series] = int(row[0])
        return int(row[0])

    def forget(self) -> None:
        """Look everything up anew."""
        self._known.clear()
        self._counts.clear()

    def _is_full(self, connection: sqlite3.Connection, kind: str) -> bool:
        if kind not in self._counts:
            (count,) = connection.execute(
                "SELECT count(*) FROM series WHERE kind = ?", (kind,)
            ).fetchone()
            self._counts[kind] = count
        most = self._most_shown if kind in _SHOWN else self._most
        return self._counts[kind] >= most


def other_of(series: Series) -> Series:
    """Give the series that stands for all that have no room: it still tells failures from others."""
    op = series.op
    if series.kind in {TRANSACTION, RUN}:
        op = "command" if is_command(op) else "default"
    state = series.state
    if series.kind in {EVENT, RUN} and state not in _STATES:
        state = "unknown"
    return Series(series.kind, OTHER, op, state)
