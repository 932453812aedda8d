"""Whether a file's bytes still hold a text that was removed, and how it goes from them."""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

PAGES: Final = 1000
"""Free pages that are given back to the disk while the writer is held."""


def wiped(connection: sqlite3.Connection, path: Path, texts: Sequence[str]) -> None:
    """Overwrite what was removed: free pages, the log of changes, and whatever else is left.

    Removing zeroes a row, but not the copies that pages keep when they are laid out anew, nor what
    earlier removals left in free pages. Where some is left the whole file is written anew, during which
    a running station takes nothing and its clients keep what they have.

    Raises:
        sqlite3.Error: others use the file all the time.
    """
    while _give_back(connection):
        pass
    _empty_log(connection)
    if not is_clean(path, texts):
        connection.execute("VACUUM")
        _empty_log(connection)


def is_clean(path: Path, texts: Sequence[str]) -> bool:
    """Tell whether none of the texts stands in the file or its log of changes."""
    wanted = [text.encode() for text in texts]
    return not any(_holds(file, wanted) for file in (path, path.with_name(f"{path.name}-wal")))


def _holds(path: Path, wanted: Sequence[bytes]) -> bool:
    with suppress(FileNotFoundError), path.open("rb") as file:
        if path.stat().st_size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return any(content.find(one) >= 0 for one in wanted)
    return False


def _give_back(connection: sqlite3.Connection) -> int:
    (before,) = connection.execute("PRAGMA freelist_count").fetchone()
    connection.execute(f"PRAGMA incremental_vacuum({PAGES})").fetchall()
    (after,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(before - after)


def _empty_log(connection: sqlite3.Connection) -> None:
    # Waits for readers, as long as the connection has patience.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
