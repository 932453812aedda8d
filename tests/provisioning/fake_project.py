"""The organization and the project of the fake Sentry: look-ups and settings."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import ORG, PROJECT, Asked, Json, route, there

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


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
    there(fake.filters, one)
    fake.filters[one] = fake.check(asked.body, schemas.FILTER)["active"]
    return 204, None


@route("GET", OURS + "keys/", "project:read")
def _keys(fake: FakeSentry, asked: Asked) -> list[Json]:
    hidden = {"rateLimit": None} if fake.forgets_rates else {}
    return [row | hidden for row in fake.keys.values()]


@route("PUT", OURS + "keys/([^/]+)/", "project:write")
def _change_key(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    row = there(fake.keys, one)
    fake.keys[one] = row | fake.check(asked.body, schemas.KEY)
    return 200, fake.keys[one]
