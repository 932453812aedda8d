"""The routes of people: pages, charts, files, and the two buttons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station.pages import data, views_alerts, views_issues, views_overview, views_traces
from tux.station.pages.rendering import STATIC, Site
from tux.station.queries.issues import set_status

if TYPE_CHECKING:
    from tux.station.alerting.watching import Alerts
    from tux.station.pages.rendering import Ask, Handler
    from tux.station.store import Store

VIEWS: Final[dict[str, Ask]] = {
    "/": views_overview.overview,
    "/charts/errors.svg": views_overview.errors_chart,
    "/charts/runs.svg": views_overview.runs_chart,
    "/charts/durations.svg": views_overview.durations_chart,
    "/issues/": views_issues.issues,
    "/issues/{issue:[0-9]{1,18}}/": views_issues.issue,
    "/events/{event:[0-9a-f]{32}}/": views_issues.event,
    "/events/{event:[0-9a-f]{32}}/json": views_issues.document,
    "/transactions/": views_traces.transactions,
    "/traces/{trace:[0-9a-f]{32}}/": views_traces.trace,
    "/logs/": views_traces.logs,
    "/monitors/": views_traces.monitors,
}
"""Address → view. One that ends with a slash is also known without it."""
STATUS_OF: Final = {"resolve": "resolved", "unresolve": "unresolved"}


def routes(store: Store, alerts: Alerts) -> list[web.RouteDef]:
    """List the routes; the last one takes what no other does."""
    site = Site(store)
    pages = [
        web.get(spelling, site.page(view))
        for path, view in {**VIEWS, **views_alerts.views(alerts)}.items()
        for spelling in dict.fromkeys((path, path.rstrip("/") or "/"))
    ]
    names = "|".join(STATIC)
    return [
        *data.routes(store),
        *pages,
        web.get(f"/static/{{name:{names}}}", site.static),
        web.post("/issues/{issue:[0-9]{1,18}}/{act:resolve|unresolve}", _changing(store)),
        *views_alerts.buttons(alerts),
        web.get("/{path:(?!api/).*}", site.page(views_traces.not_found)),
    ]


def _changing(store: Store) -> Handler:
    async def change(request: web.Request) -> web.Response:
        number, status = int(request.match_info["issue"]), STATUS_OF[request.match_info["act"]]
        work = partial(set_status, issue_id=number, status=status, now=store.clock())
        if not await store.change(work):
            raise web.HTTPNotFound
        return web.Response(status=303, headers={"Location": f"/issues/{number}/"})

    return change
