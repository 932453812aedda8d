"""What is told of a process: its losses, and how it ended where only the next can tell."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tux.services.sentry.delivery.envelopes import Parcel, pack_report
from tux.services.sentry.delivery.loss_file import read_losses_left
from tux.services.sentry.delivery.sessions import FILE as SESSION_FILE
from tux.services.sentry.delivery.sessions import left_by_the_dead
from tux.services.sentry.delivery.spool_entry import Entry
from tux.services.sentry.delivery.spool_files import CorruptFileError, read_body

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tux.services.sentry.delivery.client_reports import Counts
    from tux.services.sentry.delivery.spool_files import Run


def report_parcel(id_: str, counts: Counts, now: float) -> Parcel:
    """Make a parcel of losses. It has an id, so that a receiver can tell it from another."""
    parcel = pack_report(counts, now)
    _, _, item = parcel.body.partition(b"\n")
    header = json.dumps({"event_id": id_}).encode()
    return replace(parcel, id=id_, body=header + b"\n" + item)


def counts_in(body: bytes) -> Counts:
    """Read such a parcel's body; what makes no sense counts nothing."""
    counts: Counts = Counter()
    with suppress(ValueError, TypeError, LookupError, RecursionError):
        for lost in json.loads(body.split(b"\n")[2])["discarded_events"]:
            counts[str(lost["category"]), str(lost["reason"])] += int(lost["quantity"])
    return counts


def inherit(run: Run, next_order: Callable[[], tuple[int, int]], now: float) -> list[Entry]:
    """Read what a dead process left: its envelopes, a report of what it gave up, and its end."""
    entries = {entry.path.name: entry for entry in run.entries() if entry.path is not None}
    for id_, path in run.loss_files():
        with suppress(OSError):
            counts, given_up = read_losses_left(path)
            _remove(entries, given_up)
            if counts:
                _tell(run, entries, next_order(), report_parcel(id_, counts, now), path)
            else:
                path.unlink()
    ended = left_by_the_dead(run.path)
    if ended is not None:
        with suppress(OSError):
            _tell(run, entries, next_order(), ended, run.path / SESSION_FILE)
    return list(entries.values())


def told_by(entry: Entry) -> Counts:
    """Read what an entry that is a report tells."""
    if entry.known is not None:
        return counts_in(entry.known.body)
    assert entry.path is not None  # noqa: S101  # either of the two
    try:
        return counts_in(read_body(entry.path))
    except (OSError, CorruptFileError):
        return Counter()


def _tell(
    run: Run, entries: dict[str, Entry], order: tuple[int, int], parcel: Parcel, source: Path
) -> None:
    """Let a parcel wait instead of the file that it was made of."""
    # One of this id was written, and the process killed before it removed the file.
    if not any((one.category, one.id) == (parcel.category, parcel.id) for one in entries.values()):
        entry = _written(run, order, parcel, source)
        entries[entry.path.name if entry.path else parcel.id] = entry
        if entry.path is None:
            return
    source.unlink()


def _remove(entries: dict[str, Entry], names: list[str]) -> None:
    """Remove files that were counted as given up, and were to be removed after that."""
    for name in names:
        entry = entries.pop(name, None)
        if entry is not None and entry.path is not None:
            with suppress(OSError):
                entry.path.unlink()


def _written(run: Run, order: tuple[int, int], parcel: Parcel, source: Path) -> Entry:
    try:
        return run.write(order, parcel)
    except OSError:
        size = len(parcel.body)
        return Entry(order, parcel.category, parcel.id, size, None, parcel, leftover=source)
