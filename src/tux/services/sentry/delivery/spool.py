"""Envelopes that wait for the receiver: on disk, or in memory where the disk cannot be written."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Final

from tux.services.sentry.delivery.clocks import Orders
from tux.services.sentry.delivery.spool_entry import Entry
from tux.services.sentry.delivery.spool_files import (
    CorruptFileError,
    Run,
    read_body,
    read_losses,
    set_aside,
)
from tux.services.sentry.delivery.spool_queue import REPORT, Bounds, Queue
from tux.services.sentry.delivery.spool_reports import inherit, report_parcel, told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tux.services.sentry.delivery.client_reports import ClientReports, Loss
    from tux.services.sentry.delivery.clocks import Clocks
    from tux.services.sentry.delivery.envelopes import Parcel

MEMORY_BYTES: Final = 4 * 1024 * 1024
"""Bytes that may wait in memory while the disk cannot be written."""
_FOREIGN: Final = 32
"""Directories of dead processes that are kept open, where their files cannot be moved."""


class Spool:
    """A queue on disk, safe for threads and for several processes on one directory.

    Args:
        reports: told whatever is given up.
    """

    def __init__(
        self, directory: Path, bounds: Bounds, reports: ClientReports, clocks: Clocks
    ) -> None:
        self.directory = directory
        self.disk_error: OSError | None = None
        """Why envelopes go to memory at the moment."""
        self._bounds = bounds
        self._reports = reports
        self._clocks = clocks
        self._lock = RLock()
        self._next_order = Orders(clocks).take
        self._run: Run | None = None
        self._foreign: list[Run] = []
        self._queue = Queue()
        self._unremoved: list[Path] = []
        try:
            self._own_run()
        except OSError as error:
            self.disk_error = error

    def __len__(self) -> int:
        """Count what waits, and what is out to be sent."""
        return self._queue.count

    @property
    def reports(self) -> int:
        """Count those of them that tell what was lost, and are nothing that a bot has sent."""
        return self._queue.reports

    @property
    def folder(self) -> Path | None:
        """What this process has locked; None while the disk does not let it."""
        return self._run.path if self._run else None

    @property
    def holds_memory(self) -> bool:
        """Tell whether anything would be lost with the process."""
        return self._queue.memory > 0

    def put(self, parcel: Parcel) -> None:
        """Keep a parcel; what is beyond the bounds is given up, the oldest first."""
        if len(parcel.body) > self._bounds.bytes:
            self._reports.add("cache_overflow", parcel.losses)
            return
        with self._lock:
            order = self._next_order()
            self._queue.add_one(self._jotted(order, parcel) or self._written(order, parcel))
            beyond = self._queue.pop_beyond(self._bounds, MEMORY_BYTES)
        if beyond:
            self.give_up(beyond, "cache_overflow")

    def prepare(self) -> None:
        """Do ahead what the next `put` would wait for; for a thread that may wait."""
        run = self._run
        if run is not None:
            run.prepare()

    def take(self, blocked: Callable[[str], bool], *, apart: bool = True) -> Entry | None:
        """Take out the next to send; give it back by `done` or `put_back`.

        Args:
            blocked: tells which categories have to wait.
            apart: whether it may be one that was refused often, where nothing else waits.
        """
        with self._lock:
            entry = self._queue.take(blocked)
            return self._queue.take_apart(blocked) if entry is None and apart else entry

    def body(self, entry: Entry) -> bytes | None:
        """Return the envelope of an entry; a corrupt one is set aside, counted, and None.

        Raises:
            OSError: it cannot be read now.
        """
        if entry.known is not None:
            return entry.known.body
        assert entry.path is not None  # noqa: S101  # either of the two
        try:
            return read_body(entry.path)
        except CorruptFileError:
            losses = self.losses(entry)
            self._reports.add("internal_sdk_error", losses, entry.path.name)
            set_aside(entry.path, self.directory)
        except FileNotFoundError:
            self._reports.add("internal_sdk_error", self.losses(entry))
        self.done(entry)
        return None

    def losses(self, entry: Entry) -> tuple[Loss, ...]:
        """Tell what is lost with an entry."""
        if entry.known is not None:
            return entry.known.losses
        assert entry.path is not None  # noqa: S101  # either of the two
        return read_losses(entry.path, entry.category)

    def done(self, entry: Entry) -> None:
        """Forget an entry that was taken out."""
        with self._lock:
            self._queue.account(entry, -1)
        self._unremoved += filter(None, (entry.path, entry.leftover))
        self.clear()

    def clear(self) -> None:
        """Remove the files of what is done, as far as the disk lets us."""
        while self._unremoved:
            # Taken out first: other threads do the same.
            with suppress(IndexError):
                path = self._unremoved.pop()
                try:
                    path.unlink(missing_ok=True)
                except OSError:
                    self._unremoved.append(path)
                    return

    def put_back(self, entry: Entry, *, refused: bool = False) -> None:
        """Let an entry wait again; one that was refused often waits apart from the others."""
        with self._lock:
            entry.refusals += refused
            self._queue.put_back(entry)
            beyond = self._queue.pop_beyond(self._bounds, MEMORY_BYTES)
        self.give_up(beyond, "cache_overflow")

    def part(self, entry: Entry, rest: Parcel, apart: Parcel) -> bool:
        """Let the two parts of an entry wait in its place, where both can be kept as it was."""
        with self._lock:
            if entry.fresh is not None:
                self._name(entry, entry.fresh)
            second = self._written(self._next_order(), apart)
            if second.path is None and entry.path is not None:
                return False
            # Of the same name as the whole, and thus in its place at once.
            first = self._written(entry.order, rest)
            if entry.path != first.path:
                first.leftover = entry.path
            self._queue.account(entry, -1)
            first.until = second.until = entry.until
            self._queue.add([first, second])
            return True

    def give_up(self, entries: Iterable[Entry], reason: str) -> None:
        """Count entries that were taken out as lost, and forget them."""
        for entry in entries:
            file = entry.path.name if entry.path else ""
            counts = told_by(entry) if entry.category == REPORT else None
            if counts:
                self._reports.add_counts(counts, file)
            else:
                self._reports.add(reason, self.losses(entry), file)
            self.done(entry)

    def tell_losses(self) -> None:
        """Make an envelope of what was given up; it waits like any other."""
        sealed = self._reports.seal()
        if sealed is None:
            return
        parcel = report_parcel(sealed.id, sealed.counts, self._clocks.now())
        with self._lock:
            entry = self._written(self._next_order(), parcel)
            entry.leftover = sealed.file
            if entry.parcel is None:
                entry.remove_leftover()
            self._queue.add([entry])

    def adopt(self) -> None:
        """Take over what dead processes left."""
        for run in [run for run in self._foreign if not run.entries()]:
            self._foreign.remove(run)
            run.close()
        for run in Run.adopt(self.directory):
            if len(self._foreign) >= _FOREIGN:
                run.forget()
                return
            # Read outside the lock: a capture must not wait for a folder of thousands of files.
            entries = inherit(run, self._next_order, self._clocks.now())
            if self._move(entries):
                run.close()
            else:
                self._foreign.append(run)
            with self._lock:
                for entry in entries:
                    entry.until = self._until(entry.order)
                self._queue.add(entries)
                beyond = self._queue.pop_beyond(self._bounds, MEMORY_BYTES)
            self.give_up(beyond, "cache_overflow")

    def expire(self) -> None:
        """Give up what has waited too long."""
        with self._lock:
            expired = self._queue.pop_expired(self._clocks.monotonic())
        self.give_up(expired, "cache_overflow")

    def save(self) -> None:
        """Write to disk what is in memory, as far as the disk can be written again."""
        for entry in self._queue.in_memory():
            # One at a time: a capture must not wait for all of them.
            with self._lock:
                if entry.parcel is None or entry not in self._queue.in_memory():
                    continue
                written = self._written(entry.order, entry.parcel)
                if written.path is None:
                    return
                self._replace(entry, written)
            entry.remove_leftover()

    def settle(self) -> None:
        """Give the files of all that waits their names, by which a person and the next run know them."""
        for entry in self._queue.unnamed():
            # One at a time, as above.
            with self._lock:
                if entry.fresh is not None and self._queue.holds(entry):
                    self._name(entry, entry.fresh)

    def close(self) -> None:
        """Let another process, or the next start, have what waits."""
        self.clear()
        self.settle()
        with self._lock:
            self._reports.close()
            for run in (*self._foreign, *([self._run] if self._run else [])):
                run.close()
            self._foreign, self._run = [], None

    def forget(self) -> None:
        """Leave everything to the parent process, after a fork: whoever held the lock is there."""
        self._reports.forget()
        for run in (*self._foreign, *([self._run] if self._run else [])):
            run.forget()

    def _until(self, order: tuple[int, int]) -> float:
        """Tell when something has waited too long; what comes from the future begins now."""
        waited = max(0.0, self._clocks.now() - order[0] / 1e9)
        return self._clocks.monotonic() + self._bounds.seconds - waited

    def _own_run(self) -> Run:
        if self._run is None:
            number, turn = self._next_order()
            self._run = Run.create(self.directory, f"{os.getpid()}-{number}-{turn}")
            self._reports.keep_in(self._run.path)
        return self._run

    def _jotted(self, order: tuple[int, int], parcel: Parcel) -> Entry | None:
        try:
            entry = self._run.jot(order, parcel) if self._run is not None else None
        except OSError:
            return None
        if entry is not None:
            self.disk_error = None
            entry.until = self._clocks.monotonic() + self._bounds.seconds
        return entry

    def _name(self, entry: Entry, parcel: Parcel) -> None:
        named = replace(entry)
        try:
            self._own_run().take_in(named)
        except FileNotFoundError:
            # Someone cleared the folder under us.
            named = self._written(entry.order, parcel)
        except OSError:
            # It is on disk all the same.
            return
        self._replace(entry, named)

    def _replace(self, entry: Entry, other: Entry) -> None:
        """Let an entry be what another is: of the same envelope, elsewhere."""
        self._queue.account(entry, -1)
        entry.path, entry.size = other.path, other.size
        entry.parcel, entry.fresh = other.parcel, other.fresh
        self._queue.account(entry, 1)

    def _written(self, order: tuple[int, int], parcel: Parcel) -> Entry:
        try:
            entry = self._write(order, parcel)
        except OSError as error:
            self.disk_error = error
            entry = Entry(order, parcel.category, parcel.id, len(parcel.body), None, parcel)
        else:
            self.disk_error = None
        entry.until = self._clocks.monotonic() + self._bounds.seconds
        return entry

    def _write(self, order: tuple[int, int], parcel: Parcel) -> Entry:
        try:
            return self._own_run().write(order, parcel)
        except FileNotFoundError:
            if self._run is None:
                raise
            # Someone cleared the folder under us: make it anew.
            self._run.forget()
            self._run = None
            return self._own_run().write(order, parcel)

    def _move(self, entries: Iterable[Entry]) -> bool:
        """Move files into our own directory: a crash loop would leave one open for each crash."""
        try:
            with self._lock:
                run = self._own_run()
            for entry in entries:
                if entry.path is not None:
                    run.take_in(entry)
        except OSError:
            return False
        return all(entry.path is not None for entry in entries)
