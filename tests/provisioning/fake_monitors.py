"""Monitors of the fake Sentry: what they measure is wrapped twice, and alerts are tied to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.provisioning import schemas
from tests.provisioning.fake_routes import (
    PROJECT,
    PROJECT_ID,
    Asked,
    Json,
    RefusedError,
    owner,
    route,
    there,
)

if TYPE_CHECKING:
    from tests.provisioning.fake_sentry import FakeSentry


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
        "owner": owner(row.get("owner")),
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
    row, body = there(fake.detectors, one), fake.check(asked.body, schemas.MONITOR)
    _connect(fake, one, body)
    fake.detectors[one] = row | body
    return 200, _detector(fake, fake.detectors[one])


@route("DELETE", "{O}/detectors/([^/]+)/", "alerts:write")
def _remove_detector(fake: FakeSentry, asked: Asked, one: str) -> tuple[int, None]:
    there(fake.detectors, one)
    del fake.detectors[one]
    for flow in fake.workflows.values():
        flow["detectorIds"] = [each for each in flow["detectorIds"] if each != int(one)]
    return 204, None
