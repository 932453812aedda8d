"""Envelopes that wait for the receiver: on disk, or in memory where the disk cannot be written."""

from __future__ import annotations

import os
from bisect import insort
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Final

from tux.services.sentry.client_reports import Loss
from tux.services.sentry.spool_files import (
    CorruptFileError,
    Entry,
    Run,
    read_body,
    read_losses,
    set_aside,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tux.services.sentry.envelopes import Parcel

MAX_ENTRIES: Final = 20_000
"""Envelopes that may wait: a directory of many small files is slow for everyone."""
MEMORY_BYTES: Final = 4 * 1024 * 1024
"""Bytes that may wait in memory while the disk cannot be written."""
_PATIENCE: Final = 3
"""Refusals after which an envelope lets the others of its category pass."""
_RANKS: Final = {"error": 0, "internal": 0, "monitor": 1, "session": 1, "default": 1}
"""Category → turn in a backlog; what is not named comes last."""
_LAST: Final = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait, and how long."""

    bytes: int
    seconds: float
    entries: int = MAX_ENTRIES


class Spool:
    """A queue on disk, safe for threads and for several processes on one directory.

    Args:
        lost: told the reason and the losses of whatever is given up.
        clock: nanoseconds since the epoch.
    """

    def __init__(
        self,
        directory: Path,
        bounds: Bounds,
        *,
        lost: Callable[[str, Iterable[Loss]], None],
        clock: Callable[[], int],
    ) -> None:
        self.directory = directory
        self.disk_error: OSError | None = None
        """Why envelopes go to memory at the moment."""
        self._bounds = bounds
        self._lost = lost
        self._clock = clock
        self._lock = RLock()
        self._numbers = count()
        self._run: Run | None = None
        self._adopted: list[Run] = []
        self._waiting: dict[str, list[Entry]] = {}
        self._size = 0
        self._memory = 0
        self._count = 0

    def __len__(self) -> int:
        """Count what waits, and what is out to be sent."""
        return self._count

    def put(self, parcel: Parcel) -> None:
        """Keep a parcel; what is beyond the bounds is given up, the oldest first."""
        with self._lock:
            order = (self._clock(), next(self._numbers) % 10**10)
            if len(parcel.body) > self._bounds.bytes:
                self._lost("cache_overflow", parcel.losses)
                return
            entry = self._written(order, parcel)
            self._insert(entry)
            self._account(entry, 1)
            self._trim()

    def take(self, blocked: Callable[[str], bool]) -> Entry | None:
        """Take out the next to send: errors before the rest, the oldest first.

        Give it back by `done` or `put_back`.
        """
        with self._lock:
            heads = [
                (_RANKS.get(category, _LAST), entries[0].order, category)
                for category, entries in self._waiting.items()
                if entries and not blocked(category)
            ]
            return self._waiting[min(heads)[2]].pop(0) if heads else None

    def body(self, entry: Entry) -> bytes | None:
        """Return the envelope of an entry; a corrupt one is set aside, counted, and None."""
        if entry.parcel is not None:
            return entry.parcel.body
        assert entry.path is not None  # noqa: S101  # either of the two
        try:
            return read_body(entry.path)
        except CorruptFileError:
            self._lost("internal_sdk_error", (Loss(entry.category, 1),))
            set_aside(entry.path, self.directory)
        except OSError:
            self._lost("internal_sdk_error", (Loss(entry.category, 1),))
        self.done(entry)
        return None

    def losses(self, entry: Entry) -> tuple[Loss, ...]:
        """Tell what is lost with an entry."""
        if entry.parcel is not None:
            return entry.parcel.losses
        assert entry.path is not None  # noqa: S101  # either of the two
        return read_losses(entry.path, entry.category)

    def done(self, entry: Entry) -> None:
        """Forget an entry that was taken out."""
        with self._lock:
            self._account(entry, -1)
        if entry.path is not None:
            with suppress(OSError):
                entry.path.unlink()

    def put_back(self, entry: Entry, *, refused: bool = False) -> None:
        """Let an entry wait again; one that was refused often waits behind the others."""
        with self._lock:
            entry.refusals += refused
            if refused and entry.refusals >= _PATIENCE:
                self._waiting.setdefault(entry.category, []).append(entry)
            else:
                self._insert(entry)
            self._trim()

    def adopt(self) -> None:
        """Take over what dead processes left, and let go of what is empty by now."""
        with self._lock:
            self._let_go_of_empty()
        for run in Run.adopt(self.directory):
            # Read outside the lock: a capture must not wait for a folder of thousands of files.
            entries = run.entries()
            with self._lock:
                self._adopted.append(run)
                for entry in entries:
                    self._insert(entry)
                    self._account(entry, 1)
                self._trim()

    def expire(self) -> None:
        """Give up what has waited too long."""
        with self._lock:
            oldest = self._clock() - int(self._bounds.seconds * 1e9)
            for entries in self._waiting.values():
                for entry in [entry for entry in entries if entry.order[0] < oldest]:
                    entries.remove(entry)
                    self._give_up(entry)

    def save(self) -> None:
        """Write to disk what is in memory, now that the disk may be written again."""
        with self._lock:
            for entries in self._waiting.values():
                for place, entry in enumerate(entries):
                    if entry.parcel is None:
                        continue
                    written = self._written(entry.order, entry.parcel)
                    if written.path is None:
                        return
                    self._account(entry, -1)
                    self._account(written, 1)
                    entries[place] = written

    def close(self) -> None:
        """Let another process, or the next start, have what waits."""
        with self._lock:
            for run in (*self._adopted, *([self._run] if self._run else [])):
                run.close()
            self._adopted, self._run = [], None

    def forget(self) -> None:
        """Leave everything to the parent process, after a fork."""
        self._lock = RLock()
        for run in (*self._adopted, *([self._run] if self._run else [])):
            run.forget()
        self._adopted, self._run, self._waiting = [], None, {}
        self._size = self._memory = self._count = 0

    def _written(self, order: tuple[int, int], parcel: Parcel) -> Entry:
        for _ in range(2):
            try:
                if self._run is None:
                    name = f"{os.getpid()}-{order[0]}-{order[1]}"
                    self._run = Run.create(self.directory, name)
                entry = self._run.write(order, parcel)
            except OSError as error:
                self.disk_error = error
                if isinstance(error, FileNotFoundError) and self._run is not None:
                    # Someone cleared the folder under us: make it anew.
                    self._run.forget()
                    self._run = None
                    continue
                break
            else:
                self.disk_error = None
                return entry
        return Entry(order, parcel.category, len(parcel.body), None, parcel)

    def _insert(self, entry: Entry) -> None:
        insort(self._waiting.setdefault(entry.category, []), entry, key=lambda one: one.order)

    def _account(self, entry: Entry, sign: int) -> None:
        self._count += sign
        self._size += sign * entry.size
        if entry.parcel is not None:
            self._memory += sign * entry.size

    def _trim(self) -> None:
        while self._size > self._bounds.bytes or self._count > self._bounds.entries:
            if not self._give_up_oldest(in_memory=False):
                return
        while self._memory > MEMORY_BYTES:
            if not self._give_up_oldest(in_memory=True):
                return

    def _give_up_oldest(self, *, in_memory: bool) -> bool:
        candidates = [
            next((one for one in entries if one.parcel or not in_memory), None)
            for entries in self._waiting.values()
        ]
        oldest = min(filter(None, candidates), key=lambda entry: entry.order, default=None)
        if oldest is None:
            return False
        self._waiting[oldest.category].remove(oldest)
        self._give_up(oldest)
        return True

    def _give_up(self, entry: Entry) -> None:
        self._lost("cache_overflow", self.losses(entry))
        self.done(entry)

    def _let_go_of_empty(self) -> None:
        used = {
            entry.path.parent
            for entries in self._waiting.values()
            for entry in entries
            if entry.path is not None
        }
        for run in [run for run in self._adopted if run.path not in used]:
            self._adopted.remove(run)
            run.close()
