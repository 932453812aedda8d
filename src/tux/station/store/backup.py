"""A copy of the file, of one moment, while the station writes on."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final

from tux.shared.exceptions import TuxConfigurationError
from tux.station.store.locking import unusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGES: Final = 4096
"""Of one step: 16 MiB."""


def backup(source: Path, target: Path, on_progress: Callable[[float], None]) -> int:
    """Copy the file, check the copy, and give its bytes.

    The copy is of the moment at which it begins; the station's writer does not wait for it. It gets
    its name when it is whole.

    Raises:
        TuxConfigurationError: there is no station's file, the target is there already, or the disk
            does not take it.
    """
    if not source.exists():
        raise TuxConfigurationError("STATION_PATH", f"There is no station's file at {source}.")
    if target.exists():
        raise TuxConfigurationError("FILE", f"{target} is there already; name a new file.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _copy(source, partial, on_progress)
        os.link(partial, target)  # never over another file that came meanwhile
    except (OSError, sqlite3.Error) as error:
        hint = f"{target} cannot be written: {error}."
        raise TuxConfigurationError("FILE", hint) from error
    finally:
        for leftover in (partial, *_beside(partial)):
            with suppress(OSError):
                leftover.unlink()
    return target.stat().st_size


def _copy(source: Path, partial: Path, on_progress: Callable[[float], None]) -> None:
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as whole,
        closing(sqlite3.connect(partial, isolation_level=None)) as copy,
    ):
        # Inside a transaction all steps see one moment; else each write would begin it anew.
        whole.execute("BEGIN")
        try:
            whole.execute("SELECT count(*) FROM projects").fetchone()
        except sqlite3.Error as error:
            raise unusable(source, error) from error
        whole.backup(
            copy,
            pages=PAGES,
            progress=lambda _, left, total: on_progress(1 - left / total if total else 1.0),
        )
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without others beside it
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(f"the copy is broken: {said}")


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
