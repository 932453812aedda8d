"""What is kept, as JSON: for scripts, tests and the demo."""

from __future__ import annotations

import asyncio
import json
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.station.store import Store

LONGEST = 100_000
USUAL = 100
TABLES = ("events", "issues", "transactions", "check_ins", "logs", "sessions")

_EVENTS = """
SELECT e.event_id, e.issue_id, e.timestamp, e.level, e.title, e.transaction_name AS "transaction",
    e.trace_id, e.user_id, e.release, e.environment,
    (SELECT json_group_object(key, value) FROM event_tags WHERE event = e.id) AS tags
FROM events AS e WHERE e.timestamp >= ? ORDER BY e.timestamp DESC LIMIT ?
"""
_TRANSACTIONS = """
SELECT event_id, name, op, status, start, duration, trace_id, user_id, release, environment,
    payload AS tags
FROM transactions WHERE start >= ? ORDER BY start DESC LIMIT ?
"""


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes."""
    return [
        web.get("/data/counts", _answer(store, lambda connection, _: counts(connection))),
        web.get("/data/events", _answer(store, events)),
        web.get("/data/transactions", _answer(store, transactions)),
    ]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count what is kept."""
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # constants
        for table in TABLES
    }


def events(connection: sqlite3.Connection, bounds: tuple[float, int]) -> list[dict[str, Any]]:
    """List events, the newest first."""
    rows = connection.execute(_EVENTS, bounds)
    return [{**dict(row), "tags": json.loads(row["tags"])} for row in rows]


def transactions(connection: sqlite3.Connection, bounds: tuple[float, int]) -> list[dict[str, Any]]:
    """List transactions, the newest first."""
    rows = connection.execute(_TRANSACTIONS, bounds)
    return [{**dict(row), "tags": tags_of(row["tags"])} for row in rows]


@lru_cache(maxsize=LONGEST)
def tags_of(payload: bytes) -> dict[str, str]:
    """Read the tags of a transaction: pairs or an object, as SDKs send both."""
    tags = json.loads(zlib.decompress(payload)).get("tags")
    pairs = tags.items() if isinstance(tags, dict) else tags or ()
    return {str(key): str(value) for key, value in pairs}


def _answer(store: Store, ask: Callable[[Any, Any], Any]) -> Any:
    async def handler(request: web.Request) -> web.Response:
        bounds = _bounds(request)
        if bounds is None:
            detail = f"since must be Unix seconds, limit a number from 1 to {LONGEST}"
            return web.json_response({"detail": detail}, status=400)

        def read() -> bytes:
            with store.read() as connection:
                return json.dumps(ask(connection, bounds)).encode()

        return web.Response(body=await asyncio.to_thread(read), content_type="application/json")

    return handler


def _bounds(request: web.Request) -> tuple[float, int] | None:
    try:
        since = float(request.query.get("since", "0"))
        limit = int(request.query.get("limit", str(USUAL)))
    except ValueError:
        return None
    return (since, limit) if 1 <= limit <= LONGEST and since == since else None  # noqa: PLR0124  # NaN
