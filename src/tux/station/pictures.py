"""The routes of charts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station import charts, queries
from tux.station.ranges import range_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from tux.station.store import Store

    Draw = Callable[[sqlite3.Connection, web.Request, float], str]
    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A picture has its colours inside, and may do nothing else; also when it is opened by itself.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def draw_errors(connection: sqlite3.Connection, request: web.Request, now: float) -> str:
    """Draw errors over time."""
    span = range_of(request.query.get("range"))
    return charts.errors_chart(queries.errors_over_time(connection, span, now), span)


def draw_durations(connection: sqlite3.Connection, request: web.Request, now: float) -> str:
    """Draw durations over time, of commands or of one name."""
    span = range_of(request.query.get("range"))
    points = queries.durations_over_time(connection, span, now, request.query.get("name"))
    return charts.durations_chart(points, span.starts(now), span)


def draw_runs(connection: sqlite3.Connection, request: web.Request, now: float) -> str:
    """Draw runs and failures over time."""
    span = range_of(request.query.get("range"))
    points = queries.durations_over_time(connection, span, now, request.query.get("name"))
    return charts.runs_chart(points, span.starts(now), span)


def draw_shares(connection: sqlite3.Connection, request: web.Request, now: float) -> str:
    """Draw errors by command."""
    since = range_of(request.query.get("range")).since(now)
    return charts.shares_chart(queries.errors_by_command(connection, since))


PICTURES: Final[dict[str, Draw]] = {
    "errors": draw_errors,
    "durations": draw_durations,
    "runs": draw_runs,
    "shares": draw_shares,
}


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes."""
    return [web.get(f"/charts/{name}.svg", _answer(store, draw)) for name, draw in PICTURES.items()]


def _answer(store: Store, draw: Draw) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        def read() -> str:
            with store.read() as connection:
                return draw(connection, request, store.clock())

        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        svg = await asyncio.to_thread(read)
        return web.Response(text=svg, content_type="image/svg+xml", headers=headers)

    return handler
