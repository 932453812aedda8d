"""Series → their numbers. How many there may be is bounded: foreign clients choose the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.rollups.outcomes import ERRORS, FAILED, is_command
from tux.station.rollups.tally import (
    COMMAND_TAG,
    COMMANDS,
    EVENT,
    EVENT_TAG,
    OP,
    RAN_COMMAND,
    RUN,
    TAG,
    TRANSACTION,
    Series,
)

if TYPE_CHECKING:
    import sqlite3

MOST: Final = 10_000
"""Series of one kind. A bot has some dozens; ids in names make any number."""
MOST_SHOWN: Final = 2000
"""The same of a kind that a page lists."""
MOST_VALUES: Final = 60
"""Values of one tag: servers and channels have any number."""
OTHER: Final = "(other)"
_TAGS: Final = frozenset({TAG, EVENT_TAG, COMMAND_TAG})
_SHOWN: Final = frozenset({TRANSACTION, COMMANDS, RAN_COMMAND, OP, "db", "http", *_TAGS})
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
        self._counts: dict[tuple[str, str | None], int] = {}
        """Series of a kind, and values of a tag."""

    def number(self, connection: sqlite3.Connection, series: Series) -> int:
        """Give the number of a series; a new one of a full kind is one of the others."""
        found = self._known.get(series)
        if found is not None:
            return found
        row = connection.execute(_FIND, series).fetchone()
        if row is None:
            other = self._other(connection, series)
            if other != series:
                return self.number(connection, other)
            row = connection.execute(_ADD, series).fetchone()
            for key in ((series.kind, None), (series.kind, series.name)):
                if key in self._counts:
                    self._counts[key] += 1
        self._known[series] = int(row[0])
        return int(row[0])

    def forget(self) -> None:
        """Look everything up anew."""
        self._known.clear()
        self._counts.clear()

    def _other(self, connection: sqlite3.Connection, series: Series) -> Series:
        """Give what a new series is counted as: itself while there is room."""
        kind = series.kind
        if kind in _TAGS and self._count(connection, kind, series.name) >= MOST_VALUES:
            return series._replace(op=OTHER)
        most = self._most_shown if kind in _SHOWN else self._most
        return other_of(series) if self._count(connection, kind) >= most else series

    def _count(self, connection: sqlite3.Connection, kind: str, name: str | None = None) -> int:
        key = kind, name
        if key not in self._counts:
            (self._counts[key],) = connection.execute(
                "SELECT count(*) FROM series WHERE kind = ?1 AND (?2 IS NULL OR name = ?2)", key
            ).fetchone()
        return self._counts[key]


def other_of(series: Series) -> Series:
    """Give the series that stands for all that have no room: it still tells failures from others."""
    op = series.op
    if series.kind in {TRANSACTION, RUN}:
        op = "command" if is_command(op) else "default"
    elif series.kind in _TAGS:
        op = OTHER
    state = series.state
    if series.kind in {EVENT, RUN} and state not in _STATES:
        state = "unknown"
    return Series(series.kind, OTHER, op, state)
