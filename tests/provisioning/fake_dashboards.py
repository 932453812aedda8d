"""Dashboards of the fake Sentry: a taken title gets " copy", widgets without ids are made anew."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import Asked, Json, RefusedError, route, there

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


def _board(fake: FakeSentry, body: Json, old: Json) -> Json:
    known = {widget["id"]: widget for widget in old.get("widgets", [])}
    for widget in body["widgets"]:
        if "id" in widget and widget["id"] not in known:
            raise RefusedError(
                400, {"widgets": ["You cannot update widgets that are not part of it."]}
            )
        queries = {one["id"] for one in known.get(widget.get("id"), {}).get("queries", [])}
        widget.setdefault("id", fake.new_id())
        for query in widget["queries"]:
            if "id" in query and query["id"] not in queries:
                raise RefusedError(
                    400, {"queries": ["You cannot update queries of another widget."]}
                )
            query.setdefault("id", fake.new_id())
            query["fieldAliases"] = query.get("fieldAliases") or [""] * len(query["fields"])
    return body


@route("GET", "{O}/dashboards/", "org:read")
def _dashboards(fake: FakeSentry, asked: Asked) -> list[Json]:
    prebuilt = [{"id": "default-overview", "title": asked.query.get("query", "General")}]
    asked_for = asked.query.get("query", "").lower()
    rows = [
        {"id": one, "title": row["title"], "widgetDisplay": ["line"]}
        for one, row in fake.dashboards.items()
        if asked_for in row["title"].lower()
    ]
    return rows if asked.query.get("filter") == "excludePrebuilt" else [*prebuilt, *rows]


@route("GET", "{O}/dashboards/([^/]+)/", "org:read")
def _dashboard(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    return 200, copy.deepcopy(there(fake.dashboards, one))


@route("POST", "{O}/dashboards/", "org:read")
def _make_dashboard(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body, one = fake.check(asked.body, schemas.DASHBOARD), fake.new_id()
    title = body["title"]
    while title in {row["title"] for row in fake.dashboards.values()}:
        title += " copy"
    fake.dashboards[one] = _board(fake, body, {}) | {"id": one, "title": title}
    return 201, copy.deepcopy(fake.dashboards[one])


@route("PUT", "{O}/dashboards/([^/]+)/", "org:read")
def _change_dashboard(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    old, body = there(fake.dashboards, one), fake.check(asked.body, schemas.DASHBOARD)
    fake.dashboards[one] = _board(fake, body, old) | {"id": one}
    return 200, copy.deepcopy(fake.dashboards[one])


@route("DELETE", "{O}/dashboards/([^/]+)/", "org:read")
def _remove_dashboard(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    there(fake.dashboards, one)
    del fake.dashboards[one]
    return 204, None
