"""Files of envelopes, and exports → rows of the station's file."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.spool_line import NAMED, UNNAMED, envelope_within
from tux.station.errors import MalformedError, RequestRefusedError
from tux.station.rollups.tally import Tally
from tux.station.store.decided import HourRow, StateRow, save_hour, save_state
from tux.station.store.known import has_come, is_known, may_be_newer
from tux.station.store.portable import NO_LINE, row_of
from tux.station.store.writing import save
from tux.station.wire.fields import moment
from tux.station.wire.ingest import answer_id, read_envelope
from tux.station.wire.limits import BODY, check_limits
from tux.station.wire.protocol import parse_envelope
from tux.station.wire.raw import kept_row
from tux.station.wire.rows import Batch, EnvelopeRow, EventRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tux.station.store.file import Store
    from tux.station.store.portable import Portable
    from tux.station.wire.rows import Row

AT_ONCE: Final = 200
"""Lines of one commit."""
LONGEST_LINE: Final = 4 * BODY
ROOM: Final = 65_536
"""Bytes of a file of the spool beside its envelope."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: of its lines, or of its envelope."""

    taken: int = 0
    known: int = 0
    """Those that were here already."""
    faults: tuple[str, ...] = ()
    """What is wrong with those that were not taken."""

    def __add__(self, other: Imported) -> Imported:
        """Give what came of both."""
        return Imported(
            self.taken + other.taken, self.known + other.known, self.faults + other.faults
        )


async def import_file(store: Store, path: Path, project: int) -> Imported:
    """Take a file in: one envelope, the lines of an export, or what waits in a spool, a folder.

    What is there already is not taken twice.

    Raises:
        TuxConfigurationError: it cannot be read.
    """
    try:
        if (waiting := _waiting_in(path)) is not None:
            return await _import_all(store, waiting, project)
        with path.open("rb") as file:
            modified = os.fstat(file.fileno()).st_mtime
            return await import_stream(store, file, project, modified)
    except OSError as error:
        raise TuxConfigurationError(str(path), f"It cannot be read: {error.strerror}.") from error


async def import_stream(store: Store, stream: BinaryIO, project: int, otherwise: float) -> Imported:
    """Take in what is read from a stream; see ``import_file``.

    Args:
        store: where to.
        stream: need not be one in which one can go back.
        project: of an envelope.
        otherwise: when an envelope came that does not say when it was sent.
    """
    first = stream.readline(LONGEST_LINE)
    if _is_export(first):
        return await _import_lines(store, chain((first,), stream))
    body = first + stream.read(max(0, BODY + ROOM - len(first)))
    try:
        rows = envelope_rows(_unwrapped(body), otherwise)
    except RequestRefusedError as error:
        return Imported(faults=(str(error),))
    taking = _TakingEnvelope(project, rows)
    await store.change(taking)
    return Imported(taken=not taking.is_known, known=taking.is_known)


async def _import_all(store: Store, files: Iterable[Path], project: int) -> Imported:
    found = Imported()
    for path in files:
        one = await import_file(store, path, project)
        found += replace(one, faults=tuple(f"{path.name}: {fault}" for fault in one.faults))
    return found


def _waiting_in(folder: Path) -> list[Path] | None:
    """List the files of a spool's folder, and of those in it, in which an envelope waits; None for a file.

    Raises:
        OSError: one cannot be read.
    """
    if not folder.is_dir():
        return None
    files = [path for path in sorted(folder.rglob("*")) if path.name.endswith((NAMED, UNNAMED))]
    return [path for path in files if path.is_file() and not _is_blank(path)]


def _is_blank(path: Path) -> bool:
    """Tell whether a bot keeps a file ready, and has written nothing to it yet."""
    with path.open("rb") as file:
        return path.name.endswith(UNNAMED) and file.read(1) in (b"", b"\0")


def _unwrapped(content: bytes) -> bytes:
    """Give the envelope in a file, which one of the spool has behind a line of its own.

    Raises:
        MalformedError: the file is cut or changed.
    """
    if not content.startswith(b"["):
        return content
    head, _, rest = content.partition(b"\n")
    found = envelope_within(head, rest)
    if found is None:
        raise MalformedError("the file is cut or changed")
    return found[1]


def envelope_rows(body: bytes, otherwise: float) -> tuple[Row, ...]:
    """Read an envelope as if it had come when it was sent.

    Raises:
        RequestRefusedError: the station would not have taken it.
    """
    envelope = parse_envelope(body[:BODY])
    check_limits(envelope)
    sent = moment(envelope.headers.get("sent_at"))
    received = otherwise if sent is None else sent
    rows = read_envelope(envelope, received)
    kept = kept_row(envelope, body, ("", b""), received, answer_id(envelope, rows))
    return rows if kept is None else (*rows, kept)


def _is_export(line: bytes) -> bool:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "kind" in document


async def _import_lines(store: Store, lines: Iterable[bytes]) -> Imported:
    found, number, fresh = Imported(), 0, set[str]()
    lines = iter(lines)
    while group := list(islice(lines, AT_ONCE)):
        rows: dict[int, dict[int, Portable]] = {}
        for line in group:
            number += 1
            try:
                project, row = row_of(_object(line))
            except RequestRefusedError as error:
                found += Imported(faults=(f"line {number}: {error}",))
            else:
                rows.setdefault(project, {})[number] = row
        for project, some in rows.items():
            found += await _write(store, project, some, fresh)
    return found


def _object(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise MalformedError(NO_LINE, "it is no JSON object")
    return document


async def _write(
    store: Store, project: int, rows: dict[int, Portable], fresh: set[str]
) -> Imported:
    """Write rows together; where one is wrong, each by itself."""
    taking = _Taking(project, rows.values(), fresh)
    try:
        await store.change(taking)
    except Exception as error:  # noqa: BLE001  # a line may hold anything; it is told, not raised
        if len(rows) == 1:
            # SQLite tells of the file, all else is of the line, in Python's words.
            is_file = isinstance(error, sqlite3.OperationalError)
            cause = (
                str(error) if is_file else f"{NO_LINE}: it cannot be kept ({type(error).__name__})"
            )
            return Imported(faults=tuple(f"line {number}: {cause}" for number in rows))
        found = Imported()
        for number, row in rows.items():
            found += await _write(store, project, {number: row}, fresh)
        return found
    return Imported(len(rows) - taking.known, taking.known)


class _Taking:
    """Writes rows of an export that are not here yet, as a job of the store, and counts the others.

    Args:
        fresh: issues' hashes of which this import has brought events; it is told of more.
    """

    def __init__(self, project: int, rows: Iterable[Portable], fresh: set[str]) -> None:
        self.known = 0
        self._fresh = fresh
        self._project = project
        self._rows = tuple(rows)

    def __call__(self, connection: sqlite3.Connection) -> Tally:
        """Write what is new; tells what it adds to the roll-ups."""
        self.known = 0
        new: list[Row] = []
        decisions: list[StateRow] = []
        for row in self._rows:
            if isinstance(row, StateRow):
                decisions.append(row)
            elif isinstance(row, HourRow):
                self.known += not self._changed(connection, partial(save_hour, row=row))
            elif not is_known(connection, self._project, row):
                new.append(row)
                if isinstance(row, EventRow):
                    self._fresh.add(row.grouping)
            else:
                self.known += 1
                new += [row] * may_be_newer(row)
        tally = save(connection, Batch(self._project, tuple(new)))
        for state in decisions:  # of issues that may have begun just now
            is_changed = self._changed(connection, partial(save_state, row=state))
            self.known += not is_changed and state.grouping not in self._fresh
        return tally

    def _changed(self, connection: sqlite3.Connection, save_one: Callable[..., None]) -> bool:
        """Write a row that has no number, and tell whether anything is other by it."""
        changes = connection.total_changes
        save_one(connection, self._project)
        return connection.total_changes > changes


class _TakingEnvelope:
    """Writes the rows of an envelope, as a job of the store, unless it has come before."""

    def __init__(self, project: int, rows: Iterable[Row]) -> None:
        self.is_known = False
        self._project = project
        self._rows = tuple(rows)

    def __call__(self, connection: sqlite3.Connection) -> Tally:
        """Write what is new; tells what it adds to the roll-ups."""
        kept = [row for row in self._rows if isinstance(row, EnvelopeRow)]
        told = [row for row in self._rows if not isinstance(row, EnvelopeRow)]
        if any(has_come(connection, self._project, row) for row in kept):  # some rows have no id
            self.is_known = True
            return Tally()
        new = [row for row in told if not is_known(connection, self._project, row)]
        self.is_known = bool(told) and not new
        rows = (*new, *kept) if new else tuple(row for row in told if may_be_newer(row))
        return save(connection, Batch(self._project, rows))
