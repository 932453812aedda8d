"""Cron monitors of the fake Sentry: slugs are unique within a project only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import PROJECTS, Asked, Json, RefusedError, owner, route, there

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


def _cron(row: Json) -> Json:
    return row | {"owner": owner(row.get("owner")), "isMuted": False}


def _named(fake: FakeSentry, one: str) -> Json:
    """Find by id, or by slug: of two projects with one slug it is whichever is first."""
    by_slug = {row["slug"]: row for row in reversed(fake.monitors.values())}
    return there(by_slug | fake.monitors, one)


@route("GET", "{O}/monitors/", "alerts:read org:read")
def _crons(fake: FakeSentry, asked: Asked) -> list[Json]:
    rows = fake.monitors.values()
    return [_cron(row) for row in rows if row["project"]["id"] == asked.query["project"]]


@route("POST", "{O}/monitors/", "alerts:write")
def _make_cron(fake: FakeSentry, asked: Asked) -> tuple[int, Json]:
    body = fake.check(asked.body, schemas.CRON)
    project = {"id": str(PROJECTS[body["project"]]), "slug": body["project"]}
    if any(
        row["slug"] == body["slug"] and row["project"] == project for row in fake.monitors.values()
    ):
        raise RefusedError(400, {"slug": [f'The slug "{body["slug"]}" is already in use.']})
    one = fake.new_id()
    fake.monitors[one] = body | {"id": one, "project": project}
    return 201, _cron(fake.monitors[one])


@route("PUT", "{O}/monitors/([^/]+)/", "alerts:write")
def _change_cron(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, Json]:
    row, body = _named(fake, one), fake.check(asked.body, schemas.CRON)
    fake.monitors[row["id"]] = row | body | {"project": row["project"]}
    return 200, _cron(fake.monitors[row["id"]])


@route("DELETE", "{O}/monitors/([^/]+)/", "alerts:write")
def _remove_cron(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    del fake.monitors[_named(fake, one)["id"]]
    return 202, None
