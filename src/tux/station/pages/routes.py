"""The routes of people: pages, charts, files, and what is pressed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station.pages import (
    acting,
    data,
    views_alerts,
    views_insights,
    views_issues,
    views_overview,
    views_performance,
    views_storage,
    views_traces,
)
from tux.station.pages.rendering import STATIC, Site
from tux.station.pages.views_storage import StorageViews

if TYPE_CHECKING:
    from tux.shared.settings import StationSettings
    from tux.station.alerting.watching import Alerts
    from tux.station.pages.rendering import Ask
    from tux.station.store import Store

VIEWS: Final[dict[str, Ask]] = {
    "/errors/": views_insights.errors,
    "/issues/": views_issues.issues,
    "/issues/{issue:[0-9]{1,18}}/": views_issues.issue,
    "/events/{event:[0-9a-f]{32}}/": views_issues.event,
    "/events/{event:[0-9a-f]{32}}/json": views_issues.document,
    "/events/{event:[0-9a-f]{32}}/text": views_issues.text,
    "/events/{event:[0-9a-f]{32}}/envelope": views_issues.envelope,
    "/transactions/": views_performance.transactions,
    "/operations/": views_performance.operations,
    "/queries/": views_performance.queries,
    "/hosts/": views_performance.hosts,
    "/users/": views_insights.users,
    "/releases/": views_insights.releases,
    "/tags/": views_insights.tags,
    "/traces/{trace:[0-9a-f]{32}}/": views_traces.trace,
    "/logs/": views_traces.logs,
    "/monitors/": views_traces.monitors,
    "/metrics/": views_storage.metrics,
    "/dropped/": views_storage.dropped,
}
"""Address → view. One that ends with a slash is also known without it."""


def routes(store: Store, alerts: Alerts, settings: StationSettings) -> list[web.RouteDef]:
    """List the routes; the last one takes what no other does."""
    site = Site(store)
    first: Ask = partial(views_overview.overview, watched=alerts.definitions)
    views: dict[str, Ask] = {
        "/": first,
        **VIEWS,
        **views_alerts.views(alerts),
        "/storage/": StorageViews(settings).storage,
    }
    pages = [
        web.get(spelling, site.page(view))
        for path, view in views.items()
        for spelling in dict.fromkeys((path, path.rstrip("/") or "/"))
    ]
    names = "|".join(STATIC)
    return [
        *data.routes(store),
        *pages,
        web.get(f"/static/{{name:{names}}}", site.static),
        *acting.routes(store),
        *views_alerts.buttons(alerts),
        web.get("/{path:(?!api/).*}", site.page(views_traces.not_found)),
    ]
