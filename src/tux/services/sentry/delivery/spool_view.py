"""What waits in the spool, as a person is shown it. Reads; touches nothing of a process that runs."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.delivery.places import NAME
from tux.services.sentry.delivery.sessions import FILE as SESSION_FILE
from tux.services.sentry.delivery.sessions import left_by_the_dead
from tux.services.sentry.delivery.spool_files import (
    ASIDE,
    Run,
    entry_of,
    read_body,
)
from tux.services.sentry.delivery.spool_queue import REPORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENOUGH: Final = 1 << 20
"""Bytes of an item that are looked through for its release."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One envelope that waits."""

    captured: float
    """Unix seconds."""
    category: str
    id: str
    """The event's id, or one of the envelope's own."""
    size: int
    owner: int | None
    """Process that will send it; None where that is dead and whoever comes next will."""
    path: Path


@dataclass(frozen=True, slots=True)
class Contents:
    """What waits for one receiver."""

    receiver: str
    """The name of its folder: host, port, project and a hash of them."""
    waiting: tuple[Waiting, ...]
    """The oldest first. A report of losses is none: it goes with what is sent next."""
    corrupt: tuple[Path, ...]
    """Files that were set aside, for a person to look at."""
    corrupt_bytes: int

    @property
    def bytes(self) -> int:
        """Size of all that waits."""
        return sum(one.size for one in self.waiting)

    @property
    def owners(self) -> tuple[int, ...]:
        """Processes that hold some of it."""
        return tuple(sorted({one.owner for one in self.waiting if one.owner is not None}))


def receivers(root: Path) -> list[Path]:
    """List the folders of all receivers that something was ever kept for.

    Raises:
        OSError: the spool cannot be read.
    """
    if not root.exists():
        return []
    return sorted(path for path in root.iterdir() if NAME.fullmatch(path.name))


def contents(directory: Path) -> Contents:
    """Look at what waits for one receiver."""
    waiting = sorted(_waiting(directory), key=lambda one: one.captured)
    corrupt = tuple(sorted(_files(directory / ASIDE)))
    size = 0
    for file in corrupt:
        with suppress(OSError):
            size += file.lstat().st_size
    return Contents(directory.name, tuple(waiting), corrupt, size)


def release_of(waiting: Waiting) -> str:
    """Read which release an envelope is of; empty where it does not say, or is no more.

    Raises:
        CorruptFileError: the file is cut or changed.
    """
    try:
        path = waiting.path
        ended = left_by_the_dead(path.parent) if path.name == SESSION_FILE else None
        header, _, rest = (ended.body if ended else read_body(path)).partition(b"\n")
        trace = _data(header).get("trace")
        if isinstance(trace, dict) and isinstance(trace.get("release"), str):
            return str(trace["release"])
        payload = _data(rest.partition(b"\n")[2][:_ENOUGH].partition(b"\n")[0])
    except OSError:
        return ""
    attributes = payload.get("attrs") if isinstance(payload.get("attrs"), dict) else payload
    release = attributes.get("release") if isinstance(attributes, dict) else None
    return release if isinstance(release, str) else ""


def _waiting(directory: Path) -> Iterator[Waiting]:
    free = set()
    for run in Run.adopt(directory):
        free.add(run.path.name)
        run.forget()
    for folder in _files(directory):
        if folder.name == ASIDE or folder.name.startswith("."):
            continue
        process = folder.name.partition("-")[0]
        owner = int(process) if folder.name not in free and process.isdecimal() else None
        # How a run ended that was killed is told by whoever adopts what it left.
        ended = left_by_the_dead(folder) if folder.name in free else None
        for file in _files(folder):
            with suppress(OSError):
                entry = entry_of(file)
                if entry is not None and entry.category != REPORT:
                    moment = entry.order[0] / 1e9
                    yield Waiting(moment, entry.category, entry.id, entry.size, owner, file)
                    if ended and (ended.category, ended.id) == (entry.category, entry.id):
                        ended = None
        if ended:
            file = folder / SESSION_FILE
            with suppress(OSError):
                moment = file.lstat().st_mtime
                yield Waiting(moment, ended.category, ended.id, len(ended.body), None, file)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _data(line: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return {}
