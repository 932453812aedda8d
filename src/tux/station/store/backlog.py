"""Rows of a file that a version without these roll-ups wrote → roll-ups, bit by bit beside the ingest.

The newest first, so that the pages of today are whole soon. What is counted and how far it went are
in one commit: a station that is killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from loguru import logger

from tux.station.errors import UnavailableError
from tux.station.rollups.cascade import TIERS_ONLY, Cut, kept_from
from tux.station.rollups.recording import record, record_sums
from tux.station.rollups.tally import Tally
from tux.station.wire.events import tags_of
from tux.station.wire.rows import EventRow, SpanRow, TransactionRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from tux.station.rollups.names import Names
    from tux.station.store import Store

AT_ONCE: Final = 100
"""Ids of one step: some milliseconds."""
PAUSE_SECONDS: Final = 0.002
RETRY_SECONDS: Final = 5.0
TOLD_PERCENT: Final = 10

_SPAN: Final = "trace_id, span_id, parent_span_id, op, description, status, start, duration"
_TRANSACTIONS: Final = """
SELECT id, event_id, received, start, duration, name, op, status, trace_id, span_id,
    parent_span_id, user_id, release, environment, payload
FROM transactions WHERE id > ? AND id <= ?
"""
_EVENTS: Final = """
SELECT id, issue_id, event_id, received, timestamp, level, '', title, '', transaction_name,
    trace_id, span_id, user_id, release, environment, handled
FROM events WHERE id > ? AND id <= ?
"""
_LOGS: Final = """
INSERT INTO logs_text (rowid, line)
SELECT id, '<' || level || '>' || body FROM logs WHERE id > ? AND id <= ?
"""


async def build(store: Store) -> int:
    """Count what is not counted yet, and tell from time to time how far it is; gives the ids."""
    done = told = 0
    while left := await _left(store):
        done += AT_ONCE
        percent = 100 * done // (done + left)
        if percent >= told + TOLD_PERCENT:
            told = percent
            logger.info("the station counts what it had before: {} %", percent)
        await asyncio.sleep(PAUSE_SECONDS)
    return done


async def _left(store: Store) -> int:
    """Count some rows, as soon as the file can be written; gives how many ids are left."""
    while True:
        with suppress(UnavailableError):
            return await store.change(partial(_step, names=store.names, now=store.clock()))
        await asyncio.sleep(RETRY_SECONDS)


def _step(connection: sqlite3.Connection, names: Names, now: float) -> int:
    """Count some rows of the first part; gives how many ids are left, those of this step too."""
    rows = connection.execute("SELECT part, next, first FROM backlog ORDER BY part DESC").fetchall()
    if not rows:
        return 0
    part, last, end = rows[0]
    first = max(last - AT_ONCE, end)
    tally = Tally()
    if part in _PARTS:
        _PARTS[part](connection, tally, (first, last))
        record(connection, [tally], names, now, TIERS_ONLY)
    else:
        _MINUTES[part](connection, tally, (first, last))
        record_sums(connection, [tally], names, now, _minutes_before(connection, now))
    if first > end:
        connection.execute("UPDATE backlog SET next = ? WHERE part = ?", (first, part))
    else:
        connection.execute("DELETE FROM backlog WHERE part = ?", (part,))
    return max(1, sum(int(row[1] - row[2]) for row in rows))


def _minutes_before(connection: sqlite3.Connection, now: float) -> Cut:
    """Give the minutes that an older version counted as half hours and days."""
    (folded,) = connection.execute("SELECT until FROM folded").fetchone()
    return Cut(kept_from(now), folded, 0)


def _count_transactions(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    for row in _transactions(connection, ids):
        tally.add_transaction(row)


def _count_details(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    for row in _transactions(connection, ids):
        tally.add_details(row)


def _transactions(connection: sqlite3.Connection, ids: tuple[int, int]) -> Iterator[TransactionRow]:
    """Read units as they came: without the spans that came by themselves."""
    for number, *facts, payload in connection.execute(_TRANSACTIONS, ids).fetchall():
        spans = connection.execute(
            f"SELECT {_SPAN} FROM spans WHERE txn = ? AND segment_id IS NULL",  # noqa: S608  # a constant
            (number,),
        )
        tags = tags_of(json.loads(zlib.decompress(payload)))
        values = (*facts, b"", tuple(SpanRow(*span) for span in spans), tuple(tags.items()))
        yield TransactionRow(*values)


def _count_spans(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    """Count those that came by themselves."""
    for span, _ in _late_spans(connection, ids):
        tally.add_spans((span,), span.start)
    _count_steps(connection, tally, ids)


def _count_steps(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    for span, unit in _late_spans(connection, ids):
        tally.add_steps((span,), span.start)
        if unit:
            tally.move_share(unit[0], unit[1], span)


def _late_spans(
    connection: sqlite3.Connection, ids: tuple[int, int]
) -> Iterator[tuple[SpanRow, Any]]:
    """Read them with the name and the start of their unit, where that is known."""
    rows = connection.execute(
        f"SELECT {_SPAN}, txn FROM spans WHERE id > ? AND id <= ? AND segment_id IS NOT NULL",  # noqa: S608  # a constant
        ids,
    )
    for *facts, txn in rows.fetchall():
        unit = connection.execute("SELECT name, start FROM transactions WHERE id = ?", (txn,))
        yield SpanRow(*facts), unit.fetchone()


def _count_events(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    for issue, event in _events(connection, ids):
        tally.add_event(issue, event)


def _count_tags(connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]) -> None:
    for issue, event in _events(connection, ids):
        tally.add_tags(issue, event)


def _count_event_details(
    connection: sqlite3.Connection, tally: Tally, ids: tuple[int, int]
) -> None:
    for _, event in _events(connection, ids):
        tally.add_event_details(event)


def _events(connection: sqlite3.Connection, ids: tuple[int, int]) -> Iterator[tuple[int, EventRow]]:
    for number, issue, *facts in connection.execute(_EVENTS, ids).fetchall():
        tags = connection.execute("SELECT key, value FROM event_tags WHERE event = ?", (number,))
        values = (*facts, tuple(tags.fetchall()), b"")
        yield issue, EventRow(*values)


def _index_logs(connection: sqlite3.Connection, _tally: Tally, ids: tuple[int, int]) -> None:
    connection.execute(_LOGS, ids)


_PARTS: Final[dict[str, Callable[[sqlite3.Connection, Tally, tuple[int, int]], None]]] = {
    "transactions": _count_transactions,
    "spans": _count_spans,
    "events": _count_events,
    "logs": _index_logs,
    "issue tags": _count_tags,
    "details": _count_details,
    "steps": _count_steps,
    "event details": _count_event_details,
}
"""What is counted by half hours and days."""
_MINUTES: Final[dict[str, Callable[[sqlite3.Connection, Tally, tuple[int, int]], None]]] = {
    "minutes of transactions": _count_transactions,
    "minutes of spans": _count_spans,
    "minutes of events": _count_event_details,
}
