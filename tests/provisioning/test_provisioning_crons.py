"""Whose a cron monitor is: the check-ins', a person's, or another bot's of the organization."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.provisioning.conftest import Desk, cron, state
from tests.provisioning.fake_routes import OTHER_ID, OTHER_PROJECT, PROJECT, PROJECT_ID

from tux.provisioning.comparable import comparable
from tux.provisioning.objects import Kind
from tux.provisioning.plan import Cause
from tux.shared.exceptions import TuxConfigurationError


def test_check_ins_may_have_made_the_cron_monitor(desk: Desk) -> None:
    """A cron monitor that the bot's check-ins made is found by its slug and completed."""
    by_hand(desk, name="maintenance", schedule=[1, "minute"])
    desk.apply()
    (found,) = desk.fake.monitors.values()
    assert (found["id"], found["name"]) == ("5", "[tux] Maintenance (tux-bot)")
    assert desk.plan().plan.actions == ()


def by_hand(desk: Desk, *, name: str, schedule: Any) -> None:
    """Put a cron monitor there that has the slug of one of ours."""
    kind = "crontab" if isinstance(schedule, str) else "interval"
    config = {"schedule_type": kind, "schedule": schedule, "checkin_margin": 2}
    row = {"slug": "maintenance", "name": name, "id": "5", "config": config, "status": "active"}
    desk.fake.monitors["5"] = row | {"project": {"id": str(PROJECT_ID), "slug": PROJECT}}


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("maintenance", "0 4 * * *"),
        ("Maintenance", [1, "minute"]),
        ("maintenance", [7, "minute"]),
    ],
)
def test_a_cron_monitor_made_by_hand_is_not_taken(desk: Desk, name: str, schedule: Any) -> None:
    """One with our slug that no check-in of ours can have made stops the run, until --adopt."""
    by_hand(desk, name=name, schedule=schedule)
    before = state(desk)
    with pytest.raises(
        TuxConfigurationError, match=r"cron monitor .*our name but not our.*--adopt"
    ):
        desk.apply()
    assert state(desk) == before
    actions = {action.kind: action for action in desk.plan(adopt=True).plan.actions}
    assert actions[Kind.CRON].cause is Cause.ADOPTED
    if isinstance(schedule, str):
        changed = {one.path: one.before for one in actions[Kind.CRON].changes}
        assert changed["schedule"] == schedule
    desk.apply(adopt=True)
    assert desk.plan().plan.actions == ()


@pytest.mark.parametrize("schedule", [[1440, "minute"], [24, "hour"], [1, "day"]])
def test_a_schedule_in_another_unit_is_the_same(schedule: list[Any]) -> None:
    """Check-ins may say in hours or days what the definitions say in minutes."""
    found = comparable(Kind.CRON, {"config": {"schedule": schedule}})
    assert found["schedule"] == [1440, "minute"]


def test_two_bots_of_one_organization_keep_apart(desk: Desk) -> None:
    """The same slug in another project is changed and removed by nobody of ours."""
    project = {"id": str(OTHER_ID), "slug": OTHER_PROJECT}
    config = {"schedule_type": "interval", "schedule": [9, "minute"]}
    row = {"slug": "maintenance", "name": "[tux] Maintenance (other-bot)", "config": config}
    desk.fake.monitors["4"] = theirs = row | {"id": "4", "project": project}
    kept = copy.deepcopy(theirs)
    desk.apply()
    cron(desk, "maintenance")["config"]["max_runtime"] = 99
    desk.apply()
    assert desk.plan().plan.actions == ()
    assert len(desk.fake.monitors) == 2
    desk.destroy()
    assert desk.fake.monitors == {"4": kept}
