"""Plan and apply against a Sentry that keeps what it is told, over real HTTP."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.provisioning.conftest import Desk, cron, definitions, state
from tests.provisioning.fake_routes import PROJECTS

from tux.provisioning.marks import mark_of
from tux.provisioning.objects import Kind
from tux.provisioning.plan import Cause, Verb
from tux.shared.exceptions import TuxAPIConnectionError, TuxConfigurationError
from tux.shared.privacy import PrivacySettings

MANNERS = 3
"""Conditions come in another order each time."""
REQUESTS, LOOKING = 27, 14
"""Requests of a first apply, and those of them that only look."""


def mine(desk: Desk, key: str) -> dict[str, Any]:
    """Find a monitor of ours in the fake."""
    rows = desk.fake.detectors.values()
    return next(row for row in rows if (m := mark_of(row["description"])) and m.key == key)


def test_a_second_apply_has_nothing_to_do(desk: Desk) -> None:
    """Apply makes everything, and then every plan is empty, whatever order Sentry answers in."""
    made = desk.apply().plan.actions
    kinds = [action.kind for action in made]
    assert kinds == sorted(kinds, key=list(Kind).index)
    assert {one: kinds.count(one) for one in Kind} == {
        Kind.MONITOR: 3,
        Kind.ALERT: 3,
        Kind.DASHBOARD: 1,
        Kind.CRON: 1,
        Kind.PROJECT: 1,
        Kind.FILTER: 1,
        Kind.KEY: 1,
        Kind.RELEASE: 1,
        Kind.DEPLOY: 1,
    }
    kept = state(desk)
    for _ in range(MANNERS):
        assert desk.plan().plan.actions == ()
    assert desk.apply().plan.actions == ()
    assert state(desk) == kept
    assert desk.fake.faults == []


def test_the_interruptions_below_are_all_there_are(desk: Desk) -> None:
    """A first apply has as many requests as are cut below, the reading ones first."""
    desk.apply()
    methods = [one.method for one in desk.fake.asked]
    assert len(methods) == REQUESTS
    assert [one for one in methods if one != "GET"] == methods[LOOKING:]


def test_an_edit_by_hand_is_seen_and_healed(desk: Desk) -> None:
    """What someone edited in Sentry is told as theirs, value by value, and put back."""
    desk.apply()
    board = next(iter(desk.fake.dashboards.values()))
    kept = {widget["title"]: widget["id"] for widget in board["widgets"]}
    mine(desk, "error_rate")["dataSources"][0]["timeWindow"] = 3600
    board["widgets"][0]["title"] = "Renamed"
    flow = next(iter(desk.fake.workflows.values()))
    flow["actionFilters"][0]["actions"].pop()
    desk.fake.filters["localhost"] = False
    cron(desk, "maintenance")["config"]["max_runtime"] = 99
    actions = {action.kind: action for action in desk.plan().plan.actions}
    assert set(actions) == {Kind.MONITOR, Kind.ALERT, Kind.DASHBOARD, Kind.CRON, Kind.FILTER}
    monitor = actions[Kind.MONITOR]
    assert (monitor.cause, monitor.changes[0].path) == (Cause.THEIRS, "timeWindow")
    assert (monitor.changes[0].before, monitor.changes[0].after) == (3600.0, 60.0)
    assert actions[Kind.DASHBOARD].cause is Cause.THEIRS
    assert actions[Kind.ALERT].cause is Cause.DIFFERS
    desk.apply()
    assert desk.plan().plan.actions == ()
    healed = {widget["title"]: widget["id"] for widget in board_of(desk)["widgets"]}
    assert len(set(kept.items()) - set(healed.items())) == 1, "only the renamed one is made anew"


def board_of(desk: Desk) -> dict[str, Any]:
    return next(iter(desk.fake.dashboards.values()))


def test_who_changed_it_is_told(desk: Desk) -> None:
    """A hash in the mark tells a changed definition from an edit, and from both."""
    desk.apply()
    changed = definitions(alerts={"error_rate": {"threshold": 25}})
    (action,) = desk.plan(changed).plan.actions
    assert (action.verb, action.cause) == (Verb.UPDATE, Cause.YOURS)
    assert [one.path for one in action.changes] == [
        "conditions.gt.comparison",
        "conditions.lte.comparison",
    ]
    mine(desk, "error_rate")["enabled"] = False
    (action,) = desk.plan(changed).plan.actions
    assert action.cause is Cause.BOTH
    desk.apply(changed)
    assert desk.plan(changed).plan.actions == ()


def test_an_update_keeps_what_hangs_on_it(desk: Desk) -> None:
    """A changed monitor keeps its id and its alert, a changed dashboard its widgets' ids."""
    desk.apply()
    before = state(desk)
    changed = definitions(
        alerts={"error_rate": {"title": "Too many errors"}},
        widgets={"users_affected": {"source": "commands"}},
    )
    desk.apply(changed)
    after = state(desk)
    assert set(after["monitors"]) == set(before["monitors"])
    assert after["alerts"] == before["alerts"]
    old, new = (next(iter(one["dashboards"].values())) for one in (before, after))
    assert [one["id"] for one in new["widgets"]] == [one["id"] for one in old["widgets"]]
    assert [[q["id"] for q in one["queries"]] for one in new["widgets"]] == [
        [q["id"] for q in one["queries"]] for one in old["widgets"]
    ]


def foreign(desk: Desk) -> dict[str, Any]:
    """Put there what people made, some of it looking much like ours."""
    fake = desk.fake
    copied = copy.deepcopy(next(iter(fake.workflows.values())))
    copied["detectorIds"] = [503]
    fake.workflows["501"] = copied | {"id": "501", "name": "[tux] notify_team (another)"}
    fake.workflows["502"] = copied | {"id": "502", "name": "Tell the boss"}
    row = copy.deepcopy(mine(desk, "error_rate"))
    fake.detectors["503"] = row | {"id": "503", "description": "mine", "name": "[tux] By hand"}
    elsewhere = row | {"id": "504", "projectId": "4"}
    fake.detectors["504"] = elsewhere
    fake.dashboards["505"] = copy.deepcopy(board_of(desk)) | {
        "id": "505",
        "title": "[tux] Monitoring (tux-bot) copy",
    }
    crontab = {"schedule_type": "crontab", "schedule": "0 4 * * *"}
    project, other = ({"id": str(PROJECTS[one]), "slug": one} for one in PROJECTS)
    for one, slug, name, whose in (
        ("506", "backup", "backup", project),
        ("507", "by-hand", "[tux] By hand", project),
        ("508", "maintenance", "[tux] Maintenance (other-bot)", other),
        ("509", "reports", "[tux] Reports (other-bot)", other),
    ):
        row = {"slug": slug, "name": name, "config": crontab, "id": one, "project": whose}
        # Before ours, so that a slug leads there.
        fake.monitors = {one: row} | fake.monitors
    ids = [str(one) for one in range(501, 510)]
    return {one: value for one, value in everything(desk).items() if one in ids}


def everything(desk: Desk) -> dict[str, Any]:
    fake = desk.fake
    return copy.deepcopy(fake.detectors | fake.workflows | fake.dashboards | fake.monitors)


def test_pruning_takes_ours_alone(desk: Desk) -> None:
    """What is no longer declared stays until --prune, and what people made stays with it."""
    more = definitions(
        alerts={
            "slow_bans": {
                "title": "Slow bans",
                "source": "commands",
                "aggregate": "p95",
                "threshold": 800,
                "window_seconds": 600,
                "command": "ban",
                "team": "team",
            }
        },
        crons={"reports": {"title": "Reports", "team": "team"}},
    )
    desk.apply(more)
    theirs = foreign(desk)
    sight = desk.plan()
    assert sorted(one.key for one in sight.plan.orphans) == [
        "notify_team every 30 minutes",
        "reports",
        "slow_bans",
    ]
    assert not [one for one in sight.plan.actions if one.verb is Verb.DELETE]
    desk.apply(prune=True)
    left = everything(desk)
    assert {one: left.get(one) for one in theirs} == theirs
    assert "reports" not in [row.get("slug") for one, row in left.items() if one not in theirs]
    assert desk.plan(prune=True).plan.actions == ()
    desk.destroy()
    assert everything(desk) == theirs | {"1": desk.fake.detectors["1"]}
    assert desk.destroy().plan.actions == ()


def test_what_takes_our_name_is_not_taken(desk: Desk) -> None:
    """A hand-made monitor of our name stops the run, until somebody says --adopt."""
    desk.apply()
    row = mine(desk, "error_rate")
    row["description"] = "Made by hand."
    with pytest.raises(TuxConfigurationError, match=r"our name but not our mark.*--adopt"):
        desk.plan()
    (action,) = desk.plan(adopt=True).plan.actions
    assert action.cause is Cause.ADOPTED
    desk.apply(adopt=True)
    assert desk.plan().plan.actions == ()


def test_two_with_one_mark_are_never_guessed_between(desk: Desk) -> None:
    """A copy that has our mark, too, is named by its id."""
    desk.apply()
    row = mine(desk, "error_rate")
    desk.fake.detectors["900"] = copy.deepcopy(row) | {"id": "900"}
    with pytest.raises(TuxConfigurationError, match=rf"ids {row['id']}, 900"):
        desk.plan()


def test_scrubbing_that_was_chosen_otherwise_is_taken_back(desk: Desk) -> None:
    """Who lets names leave after all sees in the plan that Sentry stops removing them."""
    desk.apply()
    more = PrivacySettings(user="id+name", keep_names=("session",))
    desk.settings = desk.settings.model_copy(update={"privacy": more})
    (action,) = desk.plan().plan.actions
    changed = {one.path: one.after for one in action.changes}
    assert changed["relayPiiConfig.applications.$user.name"] is None
    desk.apply()
    assert "$user.name" not in desk.fake.project["relayPiiConfig"]
    assert desk.fake.project["safeFields"] == ["session"]
    desk.settings = desk.settings.model_copy(update={"privacy": PrivacySettings()})
    desk.apply()
    assert desk.fake.project["safeFields"] == []
    assert "shoe_size" in desk.fake.project["sensitiveFields"]
    assert desk.plan().plan.actions == ()


def test_a_title_that_is_taken_out_of_sight_is_told(desk: Desk) -> None:
    """A dashboard that Sentry saved as a copy is removed again, and the run says why."""
    title = "[tux] Monitoring (tux-bot)"
    # Another kind of blank, so that the search does not find it and Sentry's own rule does.
    real = desk.fake.dashboards

    class Hidden(dict[str, Any]):
        def items(self) -> Any:
            return [one for one in super().items() if one[0] != "77"]

    desk.fake.dashboards = Hidden({**real, "77": {"id": "77", "title": title, "widgets": []}})
    with pytest.raises(Exception, match=r'saved as "\[tux\] Monitoring \(tux-bot\) copy"'):
        desk.apply()
    assert list(desk.fake.dashboards) == ["77"]


@pytest.mark.parametrize(
    ("count", "does_last"),
    [(count, False) for count in range(REQUESTS)]
    + [(count, True) for count in range(LOOKING, REQUESTS)],
)
def test_an_interrupted_apply_is_healed_by_the_next(
    desk: Desk, count: int, *, does_last: bool
) -> None:
    """Wherever the line breaks, before or after Sentry did it, the next apply ends as one would."""
    desk.line.cut_after(count, does_last=does_last)
    with pytest.raises(TuxAPIConnectionError):
        desk.apply()
    desk.line.mend()
    desk.apply()
    assert desk.plan().plan.actions == ()
    fake = desk.fake
    sizes = [len(one) for one in (fake.detectors, fake.workflows, fake.dashboards, fake.monitors)]
    assert sizes == [4, 3, 1, 1]
    assert [len(one) for one in fake.deploys.values()] == [1]
    assert [flow["detectorIds"] != [] for flow in fake.workflows.values()] == [True] * 3
