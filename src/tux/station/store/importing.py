"""Files of envelopes, and exports → rows of the station's file."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from tux.shared.exceptions import TuxConfigurationError
from tux.station.errors import MalformedError, RequestRefusedError
from tux.station.store.decided import HourRow, StateRow, save_hour, save_state
from tux.station.store.portable import NO_LINE, row_of
from tux.station.store.writing import save
from tux.station.wire.fields import moment
from tux.station.wire.ingest import answer_id, read_envelope
from tux.station.wire.limits import BODY, check_limits
from tux.station.wire.protocol import parse_envelope
from tux.station.wire.raw import kept_row
from tux.station.wire.rows import Batch, CommandRunRow, DiscardRow, EnvelopeRow, LogRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tux.station.rollups.tally import Tally
    from tux.station.store.file import Store
    from tux.station.store.portable import Portable
    from tux.station.wire.rows import Row

AT_ONCE: Final = 200
"""Lines of one commit."""
LONGEST_LINE: Final = 4 * BODY


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    taken: int
    faults: tuple[str, ...]
    """What is wrong with lines that were not taken."""


async def import_file(store: Store, path: Path, project: int) -> Imported:
    """Take a file in: one envelope, or the lines of an export.

    What is there already is not taken twice.

    Raises:
        TuxConfigurationError: it cannot be read.
    """
    try:
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
    body = first + stream.read(max(0, BODY + 1 - len(first)))
    try:
        rows = envelope_rows(body, otherwise)
    except RequestRefusedError as error:
        return Imported(0, (str(error),))
    await store.write(Batch(project, rows))
    return Imported(1, ())


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
    except ValueError:
        return False
    return isinstance(document, dict) and "kind" in document


async def _import_lines(store: Store, lines: Iterable[bytes]) -> Imported:
    taken, faults, number = 0, list[str](), 0
    lines = iter(lines)
    while group := list(islice(lines, AT_ONCE)):
        rows: dict[int, dict[int, Portable]] = {}
        for line in group:
            number += 1
            try:
                project, row = row_of(_object(line))
            except RequestRefusedError as error:
                faults.append(f"line {number}: {error}")
            else:
                rows.setdefault(project, {})[number] = row
        for project, some in rows.items():
            done, wrong = await _write(store, project, some)
            taken += done
            faults += wrong
    return Imported(taken, tuple(faults))


def _object(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise MalformedError(NO_LINE, "it is no JSON object")
    return document


async def _write(store: Store, project: int, rows: dict[int, Portable]) -> tuple[int, list[str]]:
    """Write rows together; where one is wrong, each by itself."""
    try:
        await store.change(partial(_save_new, project=project, rows=list(rows.values())))
    except Exception as error:  # noqa: BLE001  # a line may hold anything; it is told, not raised
        if len(rows) == 1:
            # SQLite tells of the file, all else is of the line, in Python's words.
            is_file = isinstance(error, sqlite3.OperationalError)
            cause = str(error) if is_file else f"{NO_LINE}: a value in it is of a wrong kind"
            return 0, [f"line {number}: {cause}" for number in rows]
        found = [await _write(store, project, {number: row}) for number, row in rows.items()]
        return sum(done for done, _ in found), [fault for _, faults in found for fault in faults]
    return len(rows), []


def _save_new(connection: sqlite3.Connection, project: int, rows: list[Portable]) -> Tally:
    new: list[Row] = []
    decisions: list[StateRow] = []
    for row in rows:
        if isinstance(row, StateRow):
            decisions.append(row)
        elif isinstance(row, HourRow):
            save_hour(connection, project, row)
        elif not _is_known(connection, project, row):
            new.append(row)
    tally = save(connection, Batch(project, tuple(new)))
    for state in decisions:  # of issues that may have begun just now
        save_state(connection, project, state)
    return tally


def _is_known(connection: sqlite3.Connection, project: int, row: Row) -> bool:
    """Tell what has no id and would be there twice; all else is told apart by its own."""
    if isinstance(row, LogRow):
        found = connection.execute(
            "SELECT 1 FROM logs WHERE timestamp = ? AND body = ? AND trace_id IS ?",
            (row.timestamp, row.body, row.trace_id),
        )
    elif isinstance(row, DiscardRow):
        found = connection.execute(
            "SELECT 1 FROM discards WHERE project_id = ? AND hour = ? AND origin = ? "
            "AND category = ? AND reason = ? AND quantity >= ?",
            (
                project,
                int(row.timestamp // 3600),
                row.origin,
                row.category,
                row.reason,
                row.quantity,
            ),
        )
    elif isinstance(row, CommandRunRow):
        found = connection.execute(
            "SELECT 1 FROM command_runs WHERE timestamp = ? AND trace_id IS ? AND command = ?",
            (row.timestamp, row.trace_id, row.command),
        )
    elif isinstance(row, EnvelopeRow):
        found = connection.execute(
            "SELECT 1 FROM envelopes WHERE received = ? AND digest = ?", (row.received, row.digest)
        )
    else:
        return False
    return found.fetchone() is not None
