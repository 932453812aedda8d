"""Releases and deploys of the fake Sentry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import Asked, Json, route, there

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


@route("GET", "{O}/releases/([^/]+)/", "project:releases")
def _release(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    return 200, there(fake.releases, one)


@route("POST", "{O}/releases/", "project:releases")
def _make_release(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body = fake.check(asked.body, schemas.RELEASE)
    version, status = body["version"], 208 if body["version"] in fake.releases else 201
    fake.releases[version] = body | {"projects": [{"slug": one} for one in body["projects"]]}
    return status, fake.releases[version]


@route("GET", "{O}/releases/([^/]+)/deploys/", "project:releases")
def _deploys(fake: FakeSentry, asked: Asked, one: str) -> list[Json]:
    there(fake.releases, one)
    return list(fake.deploys.get(one, []))


@route("POST", "{O}/releases/([^/]+)/deploys/", "project:releases")
def _make_deploy(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    there(fake.releases, one)
    body = fake.check(asked.body, schemas.DEPLOY) | {"id": fake.new_id()}
    # A second one of the same kind is a second one.
    fake.deploys.setdefault(one, []).append(body)
    return 201, body
