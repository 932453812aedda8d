"""The routes of people."""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from tux.station import data, pictures, queries, queries_issues, queries_traces
from tux.station.event_view import view_of
from tux.station.ranges import RANGES, range_of
from tux.station.rendering import environment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from tux.station.store import Store

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Values = dict[str, Any]
    Ask = Callable[[sqlite3.Connection, web.Request, float], Values | None]

STATIC: Final = {"style.css": "text/css", "icon.svg": "image/svg+xml"}
MOST_PAGES: Final = 10_000
LARGEST_ID: Final = 2**63 - 1


def overview(connection: sqlite3.Connection, request: web.Request, now: float) -> Values:
    """Show what matters first."""
    span = range_of(request.query.get("range"))
    since = span.since(now)
    latest, _ = queries_issues.issues(connection, state="unresolved", query="", page=1, now=now)
    return {
        "span": span,
        "ranges": RANGES,
        "figures": queries.figures(connection, span, now),
        "commands": queries.commands(connection, since, 15),
        "database": queries.database_queries(connection, since),
        "calls": queries.calls(connection, since),
        "issues": latest[:6],
        "is_empty": not any(data.counts(connection).values()),
    }


def issues(connection: sqlite3.Connection, request: web.Request, now: float) -> Values:
    """List issues."""
    given = request.query.get("state", "unresolved")
    state = given if given in queries_issues.STATES else "unresolved"
    query, page = request.query.get("query", "")[:200], _page(request)
    found, more = queries_issues.issues(connection, state=state, query=query, page=page, now=now)
    return {"issues": found, "more": more, "page": page, "state": state, "query": query}


def issue(connection: sqlite3.Connection, request: web.Request, now: float) -> Values | None:
    """Show an issue by its newest event."""
    event_id = queries_issues.latest_event_id(connection, _issue_id(request))
    return _event(connection, event_id, now)


def event(connection: sqlite3.Connection, request: web.Request, now: float) -> Values | None:
    """Show one event of an issue."""
    return _event(connection, request.match_info["event"], now)


def _event(connection: sqlite3.Connection, event_id: str | None, now: float) -> Values | None:
    found = queries_issues.event(connection, event_id) if event_id else None
    if found is None:
        return None
    of_issue = queries_issues.issue(connection, found.issue_id, now)
    return {"event": found, "view": view_of(found.payload), "issue": of_issue}


def transactions(connection: sqlite3.Connection, request: web.Request, now: float) -> Values:
    """List transactions, and measure those of one name."""
    span = range_of(request.query.get("range"))
    name, order = request.query.get("name"), request.query.get("order", "newest")
    since = span.since(now)
    groups = queries.transactions(connection, since)
    return {
        "span": span,
        "ranges": RANGES,
        "name": name,
        "order": order,
        "orders": queries_traces.ORDERS,
        "groups": [one for one in groups if name is None or one.name == name],
        "rows": queries_traces.listed(connection, since=since, name=name, order=order),
    }


def trace(connection: sqlite3.Connection, request: web.Request, _now: float) -> Values | None:
    """Show a trace as a waterfall."""
    trace_id = request.match_info["trace"]
    events = queries_issues.events_of_trace(connection, trace_id)
    steps = queries_traces.trace(connection, trace_id, events)
    if not steps and not events:
        return None
    return {"trace_id": trace_id, "steps": steps, "events": events}


def logs(connection: sqlite3.Connection, request: web.Request, _now: float) -> Values:
    """List log lines."""
    level, query = request.query.get("level", ""), request.query.get("query", "")[:200]
    rows = queries_traces.logs(connection, level=level, query=query)
    return {"rows": rows, "level": level, "query": query}


def monitors(connection: sqlite3.Connection, _request: web.Request, _now: float) -> Values:
    """List monitored jobs."""
    return {"monitors": queries_traces.monitors(connection)}


VIEWS: Final[dict[str, tuple[str, Ask]]] = {
    "/": ("overview.html", overview),
    "/issues/": ("issues.html", issues),
    r"/issues/{issue:\d{1,19}}/": ("event.html", issue),
    "/events/{event}/": ("event.html", event),
    "/transactions/": ("transactions.html", transactions),
    "/traces/{trace}/": ("trace.html", trace),
    "/logs/": ("logs.html", logs),
    "/monitors/": ("monitors.html", monitors),
}
"""Address → template, and what is asked of the file to fill it."""


class Site:
    """Answers people's browsers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._templates = environment()

    def page(self, template: str, ask: Ask) -> Handler:
        """Make a handler that asks the file and fills a template; 404 where there is nothing."""

        async def handler(request: web.Request) -> web.StreamResponse:
            found = await self.ask(ask, request)
            if found is None:
                return await self.missing(request)
            return self._html(template, request, found)

        return handler

    async def ask(self, ask: Ask, request: web.Request) -> Values | None:
        """Ask the file, off the event loop."""

        def read() -> Values | None:
            with self._store.read() as connection:
                return ask(connection, request, self._store.clock())

        return await asyncio.to_thread(read)

    async def missing(self, request: web.Request) -> web.StreamResponse:
        """Say that there is no such page."""
        return self._html("missing.html", request, {}, status=404)

    async def document(self, request: web.Request) -> web.StreamResponse:
        """Give an event as it was received, as JSON."""
        found = await self.ask(event, request)
        if found is None:
            return await self.missing(request)
        text = json.dumps(found["event"].payload, indent=2)
        return web.Response(text=text, content_type="application/json")

    async def set_status(self, request: web.Request) -> web.StreamResponse:
        """Resolve or reopen an issue, if it is our own page that asks."""
        if not _is_own_page(request):
            raise web.HTTPForbidden(text="this form belongs to another page")
        issue_id, status = _issue_id(request), (await request.post()).get("status")
        if status not in ("resolved", "unresolved"):
            raise web.HTTPBadRequest(text="status must be resolved or unresolved")
        now = self._store.clock()
        was_there = await self._store.change(
            lambda connection: queries_issues.set_status(connection, issue_id, str(status), now)
        )
        if not was_there:
            return await self.missing(request)
        raise web.HTTPSeeOther(f"/issues/{issue_id}/")

    def _html(
        self, template: str, request: web.Request, values: Values, status: int = 200
    ) -> web.StreamResponse:
        base = f"http://{request.host}"
        text = self._templates.get_template(template).render(
            **values, path=request.path, dsn=self._store.dsn(base), now=self._store.clock()
        )
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)


def routes(store: Store) -> list[web.RouteDef]:
    """List the routes of the pages, of their pictures and of the data behind them."""
    site = Site(store)
    return [
        *data.routes(store),
        *pictures.routes(store),
        *(web.get(f"/static/{name}", _file(name, kind)) for name, kind in STATIC.items()),
        *(web.get(path, site.page(template, ask)) for path, (template, ask) in VIEWS.items()),
        web.post(r"/issues/{issue:\d{1,19}}/", site.set_status),
        web.get("/events/{event}/json", site.document),
        web.get("/{path:(?!api/).*}", site.missing),
    ]


def _file(name: str, content_type: str) -> Handler:
    text = files("tux.station").joinpath("static", name).read_text(encoding="utf-8")

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return handler


def _issue_id(request: web.Request) -> int:
    return min(int(request.match_info["issue"]), LARGEST_ID)


def _page(request: web.Request) -> int:
    given = request.query.get("page", "1")
    is_number = given.isascii() and given.isdigit() and len(given) <= len(str(MOST_PAGES))
    return min(max(int(given), 1), MOST_PAGES) if is_number else 1


def _is_own_page(request: web.Request) -> bool:
    """Tell our own form from one of another site: https://owasp.org/www-community/attacks/csrf."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # The browser's word; it makes the Origin of our forms "null", for we send no referrer.
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
