"""A Sentry on loopback that keeps what it is told, with the manners of the real one.

Ids are texts, conditions come in another order each time, what a monitor measures is wrapped twice,
owners are objects, a taken title gets " copy", widgets without their ids are made anew, a next page
is always named, retired routes answer 410.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import jsonschema
from tests.provisioning import schemas

ORG, PROJECT, PROJECT_ID, TOKEN = "acme", "tux-bot", 4_500_000_000_000_001, "sntryu_" + "a1" * 32
SCOPES = frozenset(
    {
        *("org:read", "project:read", "project:write", "team:read", "alerts:read"),
        *("alerts:write", "project:releases", "org:integrations"),
    }
)
RETIRED = re.compile(r"(organizations/[^/]+/alert-rules|projects/[^/]+/[^/]+/rules)/")
Json = dict[str, Any]


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    token: str


@dataclass
class FakeSentry:
    """Everything that one organization has."""

    scopes: frozenset[str] = SCOPES
    page: int = 2
    busy: int = 0
    """Requests that will be answered 429."""
    is_old: bool = False
    """A Sentry before monitors and alerts of the new kind."""
    is_retired: bool = False
    most_monitors: int = 20
    forgets_rates: bool = False
    """A key's rate that was set is read back as null."""
    now: float = 1_800_000_000.0
    asked: list[Asked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    detectors: dict[str, Json] = field(default_factory=dict)
    workflows: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    monitors: dict[str, Json] = field(default_factory=dict)
    releases: dict[str, Json] = field(default_factory=dict)
    deploys: dict[str, list[Json]] = field(default_factory=dict)
    teams: dict[str, str] = field(
        default_factory=lambda: {"team": "6", "developers": "7", "infrastructure": "9"}
    )
    integrations: list[Json] = field(
        default_factory=lambda: [{"id": "77", "name": "Acme", "provider": {"key": "discord"}}]
    )
    environments: list[str] = field(default_factory=lambda: ["production"])
    keys: dict[str, Json] = field(
        default_factory=lambda: {
            "k1": {"id": "k1", "public": "abc", "name": "Default", "rateLimit": None}
        }
    )
    filters: dict[str, Any] = field(
        default_factory=lambda: {
            "browser-extensions": False,
            "legacy-browsers": ["ie9"],
            "localhost": False,
            "web-crawlers": True,
        }
    )
    project: Json = field(
        default_factory=lambda: {
            "id": str(PROJECT_ID),
            "slug": PROJECT,
            "name": "Tux",
            "dataScrubber": True,
            "dataScrubberDefaults": True,
            "scrubIPAddresses": False,
            "sensitiveFields": ["shoe_size"],
            "safeFields": [],
            "relayPiiConfig": None,
        }
    )

    def __post_init__(self) -> None:
        self._ids = 1000
        self._order = random.Random(7)
        other = {"id": "1", "name": "Error Monitor", "type": "error", "description": None}
        self.detectors["1"] = other | {"projectId": str(PROJECT_ID), "dataSources": []}

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """Do what a request asks."""
        self.asked.append(asked)
        try:
            self._admit(asked)
            done = self._done(asked)
        except RefusedError as refused:
            if refused.status == 400:
                self.faults.append(f"{asked.method} {asked.path}: {refused.body}")
            return refused.status, refused.body, refused.headers
        return self._paged(asked, done) if isinstance(done, list) else (*done, {})

    def _done(self, asked: Asked) -> Any:
        for method, pattern, scopes, work in ROUTES:
            found = re.fullmatch(pattern.format(O=f"organizations/{ORG}"), asked.path)
            if method == asked.method and found:
                if not self.scopes & set(scopes.split()):
                    raise RefusedError(403, {"detail": "You do not have permission."})
                return work(self, asked, *map(unquote, found.groups()))
        raise RefusedError(404, {"detail": "The requested resource does not exist"})

    def _admit(self, asked: Asked) -> None:
        if asked.token != TOKEN:
            raise RefusedError(401, {"detail": "Invalid token"})
        if self.busy:
            self.busy -= 1
            reset = {"X-Sentry-Rate-Limit-Limit": "40", "X-Sentry-Rate-Limit-Remaining": "0"}
            reset["X-Sentry-Rate-Limit-Reset"] = str(int(self.now) + 7)
            raise RefusedError(
                429, {"detail": "You are attempting to use this endpoint too often"}, reset
            )
        if RETIRED.match(asked.path) or (self.is_retired and "detectors/" in asked.path):
            instead = {"X-Sentry-Replacement-Endpoint": "/api/1/organizations/{org}/detectors/"}
            raise RefusedError(410, {"message": "This API no longer exists."}, instead)
        if self.is_old and ("detectors/" in asked.path or "workflows/" in asked.path):
            raise RefusedError(404, {"detail": "The requested resource does not exist"})

    def _paged(self, asked: Asked, rows: list[Any]) -> tuple[int, Any, dict[str, str]]:
        size = min(self.page, int(asked.query.get("per_page", 100)))
        begin = int(asked.query.get("cursor", "0:0:0").split(":")[1]) * size
        more = "true" if begin + size < len(rows) else "false"
        cursor = f"0:{begin // size + 1}:0"
        # An address that must not be followed: only its cursor is ours to use.
        link = f'<http://192.0.2.1/x/?&cursor={cursor}>; rel="next"; results="{more}"; cursor="{cursor}"'
        back = '<http://192.0.2.1/x/>; rel="previous"; results="false"; cursor="0:0:1"'
        return 200, rows[begin : begin + size], {"Link": f"{back}, {link}"}

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids)

    def shuffled(self, rows: list[Json]) -> list[Json]:
        rows = [row | {"id": self.new_id()} for row in rows]
        self._order.shuffle(rows)
        return rows

    def check(self, body: Any, schema: Json) -> Json:
        """Refuse a body that is not as it must be, and say where."""
        found = list(jsonschema.Draft202012Validator(schema).iter_errors(body))
        if found:
            raise RefusedError(400, {error.json_path: [error.message[:300]] for error in found})
        return copy.deepcopy(body)


Work = Callable[..., Any]
ROUTES: list[tuple[str, str, str, Work]] = []


def route(method: str, pattern: str, scopes: str) -> Callable[[Work], Work]:
    def keep(work: Work) -> Work:
        ROUTES.append((method, pattern, scopes, work))
        return work

    return keep


def _there(rows: dict[str, Json], one: str) -> Json:
    if one not in rows:
        raise RefusedError(404, {"detail": "The requested resource does not exist"})
    return rows[one]


def _owner(owner: str | None) -> Json | None:
    if not owner:
        return None
    kind, _, one = owner.partition(":")
    return {"type": kind, "id": one, "name": "a team"}


@route("GET", "{O}/", "org:read")
def _organization(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    # Another's address: the token must not go there.
    return 200, {"slug": ORG, "links": {"regionUrl": "https://us.example.invalid"}}


@route("GET", "{O}/teams/", "org:read team:read")
def _teams(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [{"id": one, "slug": slug} for slug, one in fake.teams.items()]


@route("GET", "{O}/integrations/", "org:integrations")
def _integrations(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [one for one in fake.integrations if asked.query["provider_key"] == "discord"]


@route("GET", "{O}/environments/", "org:read project:read")
def _environments(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [{"id": str(place), "name": one} for place, one in enumerate(fake.environments)]


def _detector(fake: FakeSentry, row: Json) -> Json:
    if row["type"] == "error":
        return row | {"owner": None, "workflowIds": [], "conditionGroup": None, "config": {}}
    source = dict(row["dataSources"][0])
    # The kind of query is not answered.
    del source["queryType"]
    source.setdefault("extrapolationMode", "unknown")
    group = row["conditionGroup"]
    ids = [one for one, flow in fake.workflows.items() if int(row["id"]) in flow["detectorIds"]]
    return row | {
        "owner": _owner(row.get("owner")),
        "dataSources": [
            {
                "id": "5",
                "sourceId": "6",
                "queryObj": {"id": "7", "snubaQuery": source | {"id": "8"}},
            }
        ],
        "conditionGroup": group | {"id": "9", "conditions": fake.shuffled(group["conditions"])},
        "config": row["config"] | {"comparisonDelta": None},
        "workflowIds": ids,
        "createdBy": "12",
        "dateCreated": "2026-11-23T00:00:00Z",
        "latestGroup": None,
    }


def _connect(fake: FakeSentry, one: str, body: Json) -> None:
    """Tie a monitor to exactly the alerts that it was sent with."""
    if (ids := body.pop("workflowIds", None)) is None:
        return
    for name, flow in fake.workflows.items():
        flow["detectorIds"] = [each for each in flow["detectorIds"] if each != int(one)]
        if int(name) in ids:
            flow["detectorIds"].append(int(one))


@route("GET", "{O}/detectors/", "alerts:read org:read")
def _detectors(fake: FakeSentry, asked: Asked) -> list[Json]:
    rows = fake.detectors.values()
    return [_detector(fake, row) for row in rows if row["projectId"] == asked.query["project"]]


@route("POST", f"{{O}}/projects/{PROJECT}/detectors/", "alerts:write")
def _make_detector(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body, one = fake.check(asked.body, schemas.MONITOR), fake.new_id()
    if len(fake.detectors) > fake.most_monitors:
        raise RefusedError(
            400, [f"Used {fake.most_monitors}/{fake.most_monitors} of allowed monitors."]
        )
    _connect(fake, one, body)
    fake.detectors[one] = body | {"id": one, "projectId": str(PROJECT_ID)}
    return 201, _detector(fake, fake.detectors[one])


@route("PUT", "{O}/detectors/([^/]+)/", "alerts:write")
def _change_detector(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    row, body = _there(fake.detectors, one), fake.check(asked.body, schemas.MONITOR)
    _connect(fake, one, body)
    fake.detectors[one] = row | body
    return 200, _detector(fake, fake.detectors[one])


@route("DELETE", "{O}/detectors/([^/]+)/", "alerts:write")
def _remove_detector(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    _there(fake.detectors, one)
    del fake.detectors[one]
    for flow in fake.workflows.values():
        flow["detectorIds"] = [each for each in flow["detectorIds"] if each != int(one)]
    return 204, None


def _workflow(fake: FakeSentry, row: Json) -> Json:
    triggers = row["triggers"]
    filters = [
        one
        | {
            "id": "3",
            "actions": fake.shuffled(
                [
                    action | {"config": action["config"] | {"targetDisplay": "#alerts"}}
                    for action in one["actions"]
                ]
            ),
        }
        for one in row["actionFilters"]
    ]
    return row | {
        "owner": _owner(row.get("owner")),
        "detectorIds": [str(one) for one in row["detectorIds"]],
        "triggers": triggers | {"id": "4", "conditions": fake.shuffled(triggers["conditions"])},
        "actionFilters": filters,
        "lastTriggered": None,
    }


def _flow_of(fake: FakeSentry, asked: Asked) -> Json:
    body = fake.check(asked.body, schemas.ALERT)
    for one in body["detectorIds"]:
        if str(one) not in fake.detectors:
            raise RefusedError(400, {"detectorIds": [f"Some detectors do not exist: {one}"]})
    return body


@route("GET", "{O}/workflows/", "alerts:read org:read")
def _workflows(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [_workflow(fake, row) for row in fake.workflows.values()]


@route("POST", "{O}/workflows/", "alerts:write org:write")
def _make_workflow(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    one = fake.new_id()
    fake.workflows[one] = _flow_of(fake, asked) | {"id": one}
    return 201, _workflow(fake, fake.workflows[one])


@route("PUT", "{O}/workflows/([^/]+)/", "alerts:write org:write")
def _change_workflow(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    _there(fake.workflows, one)
    fake.workflows[one] = _flow_of(fake, asked) | {"id": one}
    return 200, _workflow(fake, fake.workflows[one])


@route("DELETE", "{O}/workflows/([^/]+)/", "alerts:write org:write")
def _remove_workflow(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    _there(fake.workflows, one)
    del fake.workflows[one]
    return 204, None


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
    return 200, copy.deepcopy(_there(fake.dashboards, one))


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
    old, body = _there(fake.dashboards, one), fake.check(asked.body, schemas.DASHBOARD)
    fake.dashboards[one] = _board(fake, body, old) | {"id": one}
    return 200, copy.deepcopy(fake.dashboards[one])


@route("DELETE", "{O}/dashboards/([^/]+)/", "org:read")
def _remove_dashboard(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    _there(fake.dashboards, one)
    del fake.dashboards[one]
    return 204, None


def _cron(row: Json) -> Json:
    return row | {"owner": _owner(row.get("owner")), "project": {"slug": PROJECT}, "isMuted": False}


@route("GET", "{O}/monitors/", "alerts:read org:read")
def _crons(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [_cron(row) for row in fake.monitors.values()]


@route("POST", "{O}/monitors/", "alerts:write")
def _make_cron(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body = fake.check(asked.body, schemas.CRON)
    if body["slug"] in fake.monitors:
        raise RefusedError(400, {"slug": [f'The slug "{body["slug"]}" is already in use.']})
    fake.monitors[body["slug"]] = body | {"id": fake.new_id()}
    return 201, _cron(fake.monitors[body["slug"]])


@route("PUT", "{O}/monitors/([^/]+)/", "alerts:write")
def _change_cron(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    row = _there(fake.monitors, one)
    fake.monitors[one] = row | fake.check(asked.body, schemas.CRON)
    return 200, _cron(fake.monitors[one])


@route("DELETE", "{O}/monitors/([^/]+)/", "alerts:write")
def _remove_cron(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    _there(fake.monitors, one)
    del fake.monitors[one]
    return 202, None


OURS = f"projects/{ORG}/{PROJECT}/"


@route("GET", OURS, "project:read")
def _project(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    return 200, copy.deepcopy(fake.project)


@route("PUT", OURS, "project:write")
def _change_project(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    fake.project |= fake.check(asked.body, schemas.PROJECT)
    return 200, copy.deepcopy(fake.project)


@route("GET", OURS + "filters/", "project:read")
def _filters(fake: FakeSentry, asked: Asked) -> list[Json]:
    return [{"id": name, "active": active} for name, active in fake.filters.items()]


@route("PUT", OURS + "filters/([^/]+)/", "project:write")
def _change_filter(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    _there(fake.filters, one)
    fake.filters[one] = fake.check(asked.body, schemas.FILTER)["active"]
    return 204, None


@route("GET", OURS + "keys/", "project:read")
def _keys(fake: FakeSentry, asked: Asked) -> list[Json]:
    hidden = {"rateLimit": None} if fake.forgets_rates else {}
    return [row | hidden for row in fake.keys.values()]


@route("PUT", OURS + "keys/([^/]+)/", "project:write")
def _change_key(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    row = _there(fake.keys, one)
    fake.keys[one] = row | fake.check(asked.body, schemas.KEY)
    return 200, fake.keys[one]


@route("GET", "{O}/releases/([^/]+)/", "project:releases")
def _release(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    return 200, _there(fake.releases, one)


@route("POST", "{O}/releases/", "project:releases")
def _make_release(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body = fake.check(asked.body, schemas.RELEASE)
    version, status = body["version"], 208 if body["version"] in fake.releases else 201
    fake.releases[version] = body | {"projects": [{"slug": one} for one in body["projects"]]}
    return status, fake.releases[version]


@route("GET", "{O}/releases/([^/]+)/deploys/", "project:releases")
def _deploys(fake: FakeSentry, asked: Asked, one: str) -> list[Json]:
    _there(fake.releases, one)
    return list(fake.deploys.get(one, []))


@route("POST", "{O}/releases/([^/]+)/deploys/", "project:releases")
def _make_deploy(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    _there(fake.releases, one)
    body = fake.check(asked.body, schemas.DEPLOY) | {"id": fake.new_id()}
    # A second one of the same kind is a second one.
    fake.deploys.setdefault(one, []).append(body)
    return 201, body
