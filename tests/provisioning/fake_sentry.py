"""A Sentry on loopback that keeps what it is told, with the manners of the real one.

Ids are texts, conditions come in another order each time, what a monitor measures is wrapped twice,
owners are objects, a taken title gets " copy", widgets without their ids are made anew, a next page
is always named, retired routes answer 410.
"""

from __future__ import annotations

import copy
import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import jsonschema
from tests.provisioning import (  # noqa: F401  # they fill the table of who answers
    fake_alerts,
    fake_crons,
    fake_dashboards,
    fake_monitors,
    fake_project,
    fake_releases,
)
from tests.provisioning.fake_routes import (
    ORG,
    PROJECT,
    PROJECT_ID,
    ROUTES,
    TOKEN,
    Asked,
    Json,
    RefusedError,
)

SCOPES = frozenset(
    {
        *("org:read", "project:read", "project:write", "team:read", "alerts:read"),
        *("alerts:write", "project:releases", "org:integrations"),
    }
)
RETIRED = re.compile(r"(organizations/[^/]+/alert-rules|projects/[^/]+/[^/]+/rules)/")


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
