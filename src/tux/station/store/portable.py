"""Rows ↔ lines of JSON, kind by kind: what an export writes and an import reads."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tux.station.errors import MalformedError
from tux.station.store.decided import HourRow, StateRow
from tux.station.store.field_types import fault_of
from tux.station.wire.documents import packed_event
from tux.station.wire.events import tags_of
from tux.station.wire.rows import (
    CheckInRow,
    CommandRunRow,
    DiscardRow,
    EnvelopeRow,
    EventRow,
    FeedbackRow,
    LogRow,
    OrphanRow,
    SessionRow,
    SpanRow,
    TransactionRow,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping

    from tux.station.wire.rows import Row

    Portable: TypeAlias = Row | StateRow | HourRow

# Not as JSON by SQLite, which rounds times to 15 digits.
_SPAN: Final = (
    "SELECT trace_id, span_id, parent_span_id, op, description, status, start, duration FROM spans "
)

NO_LINE: Final = "no line of an export"
NAMED: Final = 3
"""Names of one line that are told, where some are missing or unknown."""
NO_COLUMNS: Final = frozenset({"is_aggregate", "older"})
"""Fields that say how a row is to be kept, and are not."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: its class, where its rows are, and what its fields are there."""

    row: type[Any]
    source: str
    time: str
    """SQL of when a row happened."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Fields that are something else than the column of their name."""

    def query(self) -> str:
        """Write what selects the rows since a moment, with the field names as columns."""
        columns = [f'{self.named.get(name, "x." + name)} AS "{name}"' for name in self.names()]
        number = '0 AS "_id"' if self.row in _UNNUMBERED else 'x.id AS "_id"'
        return (
            f"SELECT x.project_id AS _project, {number}, {', '.join(columns)} FROM {self.source} "  # noqa: S608  # constants of this file
            f"WHERE {self.time} >= ? ORDER BY {self.time}"
        )

    def names(self) -> list[str]:
        """List the fields that a column or an expression has."""
        without = {"spans", *NO_COLUMNS}
        return [one.name for one in fields(self.row) if one.name not in without]


_UNNUMBERED: Final = (SessionRow, DiscardRow, OrphanRow, HourRow)
_TAGS: Final = (
    "(SELECT json_group_array(json_array(key, value)) FROM event_tags WHERE event = x.id)"
)
_ERROR_TYPE: Final = (
    "(SELECT value FROM issue_tags WHERE issue_id = x.issue_id AND key = 'error.type' "
    "ORDER BY events DESC LIMIT 1)"
)
KINDS: Final[dict[str, Kind]] = {
    "event": Kind(
        EventRow,
        "events AS x JOIN issues AS i ON i.id = x.issue_id "
        "LEFT JOIN issue_hashes AS h ON h.id = x.hash_id",
        "x.timestamp",
        {
            "grouping": "coalesce(h.grouping, i.grouping)",
            "made_by": "coalesce(h.made_by, '')",
            "error_type": _ERROR_TYPE,
            "culprit": "i.culprit",
            "tags": _TAGS,
            "transaction": "x.transaction_name",
        },
    ),
    "transaction": Kind(TransactionRow, "transactions AS x", "x.start", {"tags": "'[]'"}),
    "span": Kind(
        OrphanRow,
        "(SELECT spans.*, coalesce(t.project_id, 1) AS project_id FROM spans "
        "LEFT JOIN transactions AS t ON t.id = spans.txn WHERE spans.segment_id IS NOT NULL) AS x",
        "x.start",
        {"span": "x.id"},
    ),
    "session": Kind(SessionRow, "sessions AS x", "x.started"),
    "check_in": Kind(CheckInRow, "check_ins AS x", "x.started"),
    "log": Kind(LogRow, "logs AS x", "x.timestamp"),
    "feedback": Kind(FeedbackRow, "feedback AS x", "x.timestamp"),
    "discard": Kind(DiscardRow, "discards AS x", "x.hour * 3600.0", {"timestamp": "hour * 3600.0"}),
    "envelope": Kind(EnvelopeRow, "envelopes AS x", "x.received"),
    "metric": Kind(HourRow, "metric_hours AS x", "x.hour * 3600.0", {"type": "x.kind"}),
    "command_run": Kind(CommandRunRow, "command_runs AS x", "x.timestamp"),
    # After the events, which make the issues.
    "state": Kind(
        StateRow,
        "issue_hashes AS x JOIN issues AS i ON i.id = x.issue_id",
        "x.last_seen",
        {
            "into": "i.grouping",
            "at": "i.last_seen",
            "ignored_more": "i.ignored_count - i.times_seen",
            **{
                name: f"i.{name}"
                for name in ("status", "resolved", "resolved_in", "ignored_until", "regressed")
            },
        },
    ),
}
"""What can be taken elsewhere. Issues and charts are made anew of it."""


def documents(connection: sqlite3.Connection, kind: str, since: float) -> Iterator[dict[str, Any]]:
    """Read the rows of one kind, the oldest first, as what JSON can say."""
    one = KINDS[kind]
    cursor = connection.execute(one.query(), (since,))
    columns = [column[0] for column in cursor.description]
    for values in cursor:
        found = dict(zip(columns, values, strict=True))
        number, project = found.pop("_id"), found.pop("_project")
        for name, decode in _DECODE.items():
            if name in found:
                found[name] = decode(found[name])
        if one.row is TransactionRow:
            own = f"{_SPAN} WHERE txn = ? AND segment_id IS NULL ORDER BY id"
            found["spans"] = [list(span) for span in connection.execute(own, (number,))]
            # A transaction's are in its payload only.
            found["tags"] = [list(tag) for tag in tags_of(found["payload"]).items()]
        if one.row is OrphanRow:
            (span,) = connection.execute(f"{_SPAN} WHERE id = ?", (found["span"],))
            found["span"] = list(span)
        yield {"kind": kind, "project": project, **found}


def row_of(document: Mapping[str, Any]) -> tuple[int, Portable]:
    """Make a row of what ``documents`` gave; gives its project, too.

    Raises:
        MalformedError: it is something else.
    """
    given = dict(document)
    kind, project = KINDS.get(str(given.pop("kind", None))), given.pop("project", 1)
    if kind is None:
        raise MalformedError(NO_LINE, f"its kind is none of {', '.join(KINDS)}")
    if type(project) is not int:
        raise MalformedError(NO_LINE, "its project is no whole number")
    _check_names(kind, given)
    encoders = _ENCODE | ({"body": _from_base64} if kind.row is EnvelopeRow else {})
    for name, encode in encoders.items():
        try:
            if name in given:
                given[name] = encode(given[name])
        except (TypeError, ValueError, AttributeError):
            raise MalformedError(NO_LINE, f"its {name} is not as an export writes it") from None
    row: Portable = kind.row(**given)
    if (fault := fault_of(row)) is not None:
        raise MalformedError(NO_LINE, fault)
    return project, row


def _check_names(kind: Kind, given: Mapping[str, Any]) -> None:
    known = [one for one in fields(kind.row) if one.name not in NO_COLUMNS]
    needed = [one.name for one in known if one.default is MISSING is one.default_factory]
    if missing := [name for name in needed if name not in given]:
        raise MalformedError(NO_LINE, f"it has no {_some(missing)}")
    if unknown := sorted(set(given) - {one.name for one in known}):
        raise MalformedError(NO_LINE, f"it has what is unknown: {_some(unknown)}")


def _some(names: list[str]) -> str:
    told = ", ".join(name[:40] for name in names[:NAMED])
    return f"{told} and {len(names) - NAMED} more" if len(names) > NAMED else told


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _unpacked(payload: bytes) -> Any:
    return json.loads(zlib.decompress(payload))


_DECODE: Final[dict[str, Any]] = {
    "payload": _unpacked,
    "tags": json.loads,
    "handled": lambda value: None if value is None else bool(value),
    "body": lambda value: base64.b64encode(value).decode() if isinstance(value, bytes) else value,
}
_ENCODE: Final[dict[str, Any]] = {
    "payload": lambda event: packed_event(dict(event)),
    "tags": lambda pairs: tuple((str(key), str(value)) for key, value in pairs),
    "span": lambda values: SpanRow(*values),
    "spans": lambda spans: tuple(SpanRow(*values) for values in spans),
}
