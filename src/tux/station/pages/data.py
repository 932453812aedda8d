"""What is kept, as JSON: for scripts, tests and the demo."""

from __future__ import annotations

import asyncio
import json
import math
import threading
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tux.station.wire.events import tags_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping

    from tux.station.store import Store

LONGEST: Final = 100_000
USUAL: Final = 100
TABLES: Final = (
    "events",
    "issues",
    "transactions",
    "check_ins",
    "logs",
    "sessions",
    "command_runs",
)
LONGEST_DURATION: Final = 1e15
"""Milliseconds: a hostile duration may be infinite, and JSON has no word for that."""
AT_ONCE: Final = 500
"""Payloads that are asked for at a time: SQLite takes so many parameters everywhere."""
CACHED: Final = 4_000_000
"""Characters of tags that are remembered, some 40,000 transactions of a bot."""

_EVENTS = """
SELECT e.event_id, e.issue_id, e.timestamp, e.level, e.title, e.transaction_name AS "transaction",
    e.trace_id, e.user_id, e.release, e.environment,
    (SELECT json_group_object(key, value) FROM event_tags WHERE event = e.id) AS tags
FROM events AS e WHERE e.timestamp >= ? ORDER BY e.timestamp DESC, e.id DESC LIMIT ?
"""
_TRANSACTIONS = f"""
SELECT event_id, name, op, status, start, min(duration, {LONGEST_DURATION}) AS duration, trace_id,
    user_id, release, environment, id
FROM transactions WHERE start >= ? ORDER BY start DESC, id DESC LIMIT ?
"""  # noqa: S608  # a constant


class TransactionTags:
    """Tags of transactions, which only their payloads have; what was read lately is remembered.

    The demo asks for all of them each second, and a payload never changes.
    """

    def __init__(self, capacity: int = CACHED) -> None:
        self._known: dict[int, tuple[dict[str, str], int]] = {}
        self._room = capacity
        self._lock = threading.Lock()

    def of(self, connection: sqlite3.Connection, numbers: list[int]) -> dict[int, dict[str, str]]:
        """Return the tags by row id."""
        with self._lock:
            found = {number: self._known[number][0] for number in numbers if number in self._known}
        unknown = [number for number in numbers if number not in found]
        for start in range(0, len(unknown), AT_ONCE):
            some = unknown[start : start + AT_ONCE]
            places = ",".join("?" * len(some))
            for number, payload in connection.execute(
                f"SELECT id, payload FROM transactions WHERE id IN ({places})",  # noqa: S608  # only ?
                some,
            ):
                found[number] = tags_of(json.loads(zlib.decompress(payload)))
                self._remember(number, found[number])
        return found

    def _remember(self, number: int, tags: dict[str, str]) -> None:
        size = 50 + sum(len(key) + len(value) for key, value in tags.items())
        with self._lock:
            if number in self._known:
                return
            self._known[number] = tags, size
            self._room -= size
            while self._room < 0:
                oldest = next(iter(self._known))
                self._room += self._known.pop(oldest)[1]


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes."""
    known = TransactionTags()
    return [
        web.get("/data/counts", _answer(store, lambda connection, *_: counts(connection))),
        web.get("/data/events", _answer(store, events)),
        web.get("/data/transactions", _answer(store, partial(transactions, known=known))),
    ]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count what is kept."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # constants
        for table in TABLES
    }


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether nothing has ever arrived."""
    some = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in TABLES)  # noqa: S608  # constants
    return not connection.execute(f"SELECT {some}").fetchone()[0]


def events(connection: sqlite3.Connection, since: float, limit: int) -> list[dict[str, Any]]:
    """List events, the newest first."""
    rows = connection.execute(_EVENTS, (since, limit))
    return [{**dict(row), "tags": json.loads(row["tags"])} for row in rows]


def transactions(
    connection: sqlite3.Connection, since: float, limit: int, *, known: TransactionTags
) -> list[dict[str, Any]]:
    """List transactions, the newest first."""
    rows = [dict(row) for row in connection.execute(_TRANSACTIONS, (since, limit))]
    numbers = [row.pop("id") for row in rows]
    tags = known.of(connection, numbers)
    return [{**row, "tags": tags[number]} for row, number in zip(rows, numbers, strict=True)]


def _answer(
    store: Store, ask: Callable[[sqlite3.Connection, float, int], Any]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        bounds = _bounds(request.query)
        if bounds is None:
            detail = f"since must be Unix seconds, limit a number from 1 to {LONGEST}"
            return web.json_response({"detail": detail}, status=400)

        def read() -> bytes:
            with store.read() as connection:
                return json.dumps(ask(connection, *bounds)).encode()

        return web.Response(body=await asyncio.to_thread(read), content_type="application/json")

    return handler


def _bounds(query: Mapping[str, str]) -> tuple[float, int] | None:
    try:
        since = float(query.get("since", "0"))
        limit = int(query.get("limit", str(USUAL)))
    except ValueError:
        return None
    return (since, limit) if 1 <= limit <= LONGEST and math.isfinite(since) else None
