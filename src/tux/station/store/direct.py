"""Small things, committed by whoever brings them: an errand to the writer's thread takes five times as long.

The disk is not waited for here. A commit goes to the journal, as the writer's do; what takes the
journal over into the file, and begins it anew, is left to the writer, who gets some of them for that.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LENT: Final = 3000
"""Pages of the journal between two errands of the writer: as many as he lets into one himself."""
SMALLEST: Final = 4
"""Pages that a statement writes at least: that of the row, and those which lead to it."""
PAGE: Final = 4096
TO_WRITER: Final = 2
"""The commit of the first takes the journal over, that of the second begins it anew."""


class Direct:
    """A connection that never waits: where another writes, it has done nothing."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=0
        )
        for pragma in ("synchronous = NORMAL", "wal_autocheckpoint = 0", "cache_size = -500"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._turn = self._owed = 0

    def run(self, statement: str, *values: Sequence[Any]) -> bool:
        """Commit a statement, with each of some values.

        False where nothing was done: another writes, the disk is full, or it is the writer's turn.
        """
        if self._turn >= LENT:
            self._turn, self._owed = 0, TO_WRITER
        if self._owed:
            self._owed -= 1
            return False
        self._turn += sum(map(_pages_of, values))
        try:
            if len(values) == 1:
                self._connection.execute(statement, values[0])
            else:
                self._run_together(statement, values)
        except sqlite3.Error:
            return False
        return True

    def _run_together(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, values)
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _pages_of(values: Sequence[Any]) -> int:
    size = sum(len(value) for value in values if isinstance(value, (bytes, str)))
    return SMALLEST + size // PAGE
