"""Alerts of the fake Sentry: conditions come in another order each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import Asked, Json, RefusedError, owner, route, there

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


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
        "owner": owner(row.get("owner")),
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
    there(fake.workflows, one)
    fake.workflows[one] = _flow_of(fake, asked) | {"id": one}
    return 200, _workflow(fake, fake.workflows[one])


@route("DELETE", "{O}/workflows/([^/]+)/", "alerts:write org:write")
def _remove_workflow(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    there(fake.workflows, one)
    del fake.workflows[one]
    return 204, None
