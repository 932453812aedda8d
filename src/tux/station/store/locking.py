"""One station a file: two would evaluate alerts twice, and each would hold what the other reads."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tux.shared.exceptions import TuxConfigurationError, TuxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other stations from a file within a ``with`` block; the system lets go with the process.

    Commands that look or change something beside a station that runs need no lock.

    Raises:
        TuxUnavailableError: another station has it.
        TuxConfigurationError: the lock cannot be written.
    """
    name = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        hint = f"{path} cannot be used as the station's file: {error}."
        raise TuxConfigurationError("STATION_PATH", hint) from error
    with os.fdopen(descriptor, "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = lock.read(20).strip() or "unknown"
            hint = (
                f"{path} is in use by another station (process {process}). Look at the pages of that "
                "one, stop it, or give this one a file of its own."
            )
            raise TuxUnavailableError("STATION_PATH", hint) from None
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        yield
