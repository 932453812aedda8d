"""Definitions → what is sent, and what of them Sentry could not take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from tests.provisioning.conftest import Desk, definitions, settings_for
from tests.provisioning.fake_routes import TOKEN

from tux.modules.maintenance import MONITOR
from tux.provisioning.dashboard import dashboard_of
from tux.provisioning.faults import account_faults, definition_faults, notes_of
from tux.provisioning.marks import Mark, mark_of, marked, unmarked
from tux.provisioning.measures import Measure, function_of, measure_of
from tux.provisioning.objects import Place
from tux.provisioning.scrubbing import scrubbing_of
from tux.shared.privacy import PrivacySettings
from tux.shared.settings import SentrySettings
from tux.watch import AlertRule
from tux.watch.loading import default_definitions

EXPECTED = Path(__file__).parent / "expected"


def expected(name: str) -> Any:
    return json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))


def sent(desk: Desk, end: str) -> list[dict[str, Any]]:
    """List the bodies that were written to addresses with this end."""
    writes = [one for one in desk.fake.asked if one.method != "GET"]
    return [one.body for one in writes if one.path.endswith(end)]


def test_bodies_are_those_of_the_reference(desk: Desk) -> None:
    """Monitors, alerts, widgets and settings are sent as they were found to be right for Sentry."""
    desk.apply()
    monitors = sent(desk, "/detectors/")
    keys = [mark_of(one["description"]) for one in monitors]
    for one in monitors:
        one["description"] = unmarked(one["description"])
    assert monitors == expected("monitors")
    ids = {int(one): row["description"] for one, row in desk.fake.detectors.items()}
    alerts = sent(desk, "/workflows/")
    for one in alerts:
        marks = [mark_of(ids[number]) for number in one["detectorIds"]]
        assert all(mark in keys for mark in marks)
        one["detectorIds"] = [mark.key for mark in marks if mark]
    assert alerts == expected("alerts")
    (board,) = sent(desk, "/dashboards/")
    for widget in board["widgets"]:
        mark = mark_of(widget.pop("description"))
        assert mark is not None
        assert mark.key == "dashboard"
        assert widget.pop("layout")["minH"] >= 1
    assert board == expected("dashboard")
    for end, body in expected("others").items():
        (found,) = sent(desk, end)
        found.pop("relayPiiConfig", None)
        assert found == body


def test_widgets_lie_beside_each_other() -> None:
    """No two widgets take one place, and none goes over the edge of the six columns."""
    board = dashboard_of(definitions(), Place("tux", 1)).body
    taken: set[tuple[int, int]] = set()
    for one in (widget["layout"] for widget in board["widgets"]):
        cells = {
            (x, y)
            for x in range(one["x"], one["x"] + one["w"])
            for y in range(one["y"], one["y"] + one["h"])
        }
        assert max(x for x, _ in cells) <= 5
        assert not cells & taken
        taken |= cells


def test_sentry_expects_the_check_ins_that_the_bot_sends() -> None:
    """The cron monitor that is declared has the numbers of the bot's own loop."""
    cron = default_definitions().crons["maintenance"]
    schedule = {"type": "interval", "value": cron.every_minutes, "unit": "minute"}
    assert MONITOR["schedule"] == schedule
    assert MONITOR["checkin_margin"] == cron.margin_minutes
    assert MONITOR["max_runtime"] == cron.limit_minutes


def rule(**fields: Any) -> AlertRule:
    given = {"title": "A", "source": "commands", "aggregate": "p95", "threshold": 800}
    return AlertRule(**{**given, "window_seconds": 600, "team": "team", **fields})


COMMANDS = "is_transaction:true span.op:command*"


@pytest.mark.parametrize(
    ("fields", "measure"),
    [
        ({}, Measure("p95(span.duration)", COMMANDS, 800, 800)),
        ({"resolve_below": 500}, Measure("p95(span.duration)", COMMANDS, 800, 500)),
        ({"aggregate": "mean"}, Measure("avg(span.duration)", COMMANDS, 800, 800)),
        (
            {"aggregate": "max"},
            Measure("count(span.duration)", f"{COMMANDS} span.duration:>800ms", 0, 0),
        ),
        (
            {"aggregate": "max", "threshold": 5000},
            Measure("count(span.duration)", f"{COMMANDS} span.duration:>5s", 0, 0),
        ),
        (
            {"aggregate": "failure_rate", "threshold": 0.1},
            Measure("failure_rate()", COMMANDS, 0.1, 0.1),
        ),
        # Ten minutes: 30 a minute are 300 in the window, 30 an hour are 5.
        (
            {"aggregate": "per_minute", "threshold": 30, "resolve_below": 6},
            Measure("count(span.duration)", COMMANDS, 300, 60),
        ),
        (
            {"aggregate": "per_hour", "threshold": 30},
            Measure("count(span.duration)", COMMANDS, 5, 5),
        ),
        (
            {"source": "errors", "aggregate": "per_hour", "threshold": 30},
            Measure("count()", "level:[error,fatal]", 5, 5),
        ),
        (
            {"source": "errors", "aggregate": "users", "threshold": 3, "command": "ban"},
            Measure("count_unique(user)", "level:[error,fatal] command:ban", 3, 3),
        ),
        (
            {"command": "case list"},
            Measure("p95(span.duration)", f'{COMMANDS} command:"case list"', 800, 800),
        ),
    ],
)
def test_a_rule_is_measured_in_sentrys_words(fields: dict[str, Any], measure: Measure) -> None:
    """Functions, searches and units are Sentry's; rates become counts of the window."""
    assert measure_of(rule(**fields)) == measure


def test_charts_have_functions_of_their_own() -> None:
    """What a monitor counts, a chart may show as a rate or as the longest."""
    assert function_of("errors", "per_minute") == "epm()"
    assert function_of("commands", "max") == "max(span.duration)"


@pytest.mark.parametrize("text", ["", "One line.", "Two.\n\nParagraphs."])
def test_a_mark_comes_off_as_it_went_on(text: str) -> None:
    """A description with a mark is read back as the description and the mark."""
    mark = Mark("error_rate", "0123456789ab")
    assert mark_of(marked(text, mark)) == mark
    assert unmarked(marked(text, mark)) == text
    assert mark_of("managed-by: tux key=x spec=md5:1") is None


def test_faults_are_told_together_before_the_first_request(desk: Desk) -> None:
    """All that Sentry would refuse is told at once, and nothing was asked of it."""
    wrong = definitions(
        alerts={
            "error_rate": {"window_seconds": 30},
            "command_duration": {"window_seconds": 299.5, "cooldown_seconds": 90_000},
            "database_errors": {"window_seconds": 90},
        },
        widgets={
            "users_affected": {"title": "Error rate"},
            **{
                f"more{n}": {"title": f"More {n}", "source": "errors", "aggregates": ["count"]}
                for n in range(20)
            },
        },
        teams={"infrastructure": {"notify": ["log", "webhook"]}},
    )
    told = " ".join(definition_faults(wrong, desk.settings))
    for part in (
        "error_rate: window_seconds: Sentry's shortest for errors is 60.",
        "command_duration: window_seconds: Sentry's shortest for commands is 300.",
        "command_duration: cooldown_seconds: Sentry's longest is 86400",
        "database_errors: window_seconds: Sentry takes whole minutes.",
        "watch.teams.infrastructure: Sentry can tell it by email",
        "2 widgets are titled Error rate",
        "32 widgets; a dashboard of Sentry's has 30 at most",
    ):
        assert part in told
    with pytest.raises(Exception, match=r"missing or wrong.*error_rate.*database_errors"):
        desk.apply(wrong)
    assert desk.fake.asked == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"org": None}, "SENTRY_ORG is missing"),
        ({"project": "a/b"}, "SENTRY_PROJECT is no slug"),
        ({"url": "sentry.io"}, "SENTRY_URL must be like"),
        ({"auth_token": None}, "SENTRY_AUTH_TOKEN is missing"),
        ({"auth_token": SecretStr("sntrys_abc")}, "an organization's token"),
        ({"auth_token": SecretStr("a\nb")}, "characters that no token has"),
    ],
)
def test_an_account_that_cannot_be_asked_is_told(fields: dict[str, Any], told: str) -> None:
    """What is missing of the account is named by its variable, the token's value never."""
    settings = settings_for("https://sentry.io")
    sentry = SentrySettings(**{**dict(settings.sentry), **fields})
    (fault,) = account_faults(settings.model_copy(update={"sentry": sentry}))
    assert told in fault
    assert "sntrys_abc" not in fault


def test_what_only_the_station_does_is_noted() -> None:
    """Waits, quiet hours and cooldowns that Sentry does not have are said, and stop nothing."""
    given = definitions(
        alerts={
            "error_rate": {"for_seconds": 30, "cooldown_seconds": 700},
            "command_duration": {"resolve_below": 100, "resolve_seconds": 5},
        },
        widgets={"users_affected": {"display": "table", "aggregates": ["per_hour"]}},
        teams={"team": {"quiet_hours": "22:00-07:00"}},
    )
    notes = list(notes_of(given))
    assert len(notes) == 6
    assert (
        "watch.alerts.error_rate: Sentry tells at most every 30 minutes, the next it has." in notes
    )
    assert list(notes_of(definitions())) == []


def test_scrubbing_is_laid_onto_what_is_there() -> None:
    """People's own rules stay, ours of an earlier version go, and laying it twice changes nothing."""
    theirs = {
        "rules": {"mine": {"type": "anything"}, "tux_old": {"type": "anything"}},
        "applications": {"$string": ["mine", "tux_old"], "$user.name": ["mine"]},
        "vars": {"hashKey": None},
    }
    live = {"sensitiveFields": ["shoe_size"], "relayPiiConfig": json.dumps(theirs)}
    privacy = PrivacySettings(names=("steam_id",), keep_names=("guild",))
    once = scrubbing_of(privacy, live)
    assert {"shoe_size", "steam_id", "token"} <= set(once["sensitiveFields"])
    assert once["safeFields"] == ["guild"]
    rules = json.loads(once["relayPiiConfig"])
    assert "mine" in rules["rules"]
    assert "tux_old" not in rules["rules"]
    assert rules["applications"]["$string"][0] == "mine"
    assert rules["applications"]["$user.name"] == ["mine", "tux_user_name"]
    assert scrubbing_of(privacy, once) == once


def test_scrubbing_that_is_asked_no_more_is_taken_back() -> None:
    """Names of users and of fields that we laid go again; what was there before us stays."""
    live = {
        "sensitiveFields": ["shoe_size", "nickname"],
        "safeFields": ["guild"],
        "relayPiiConfig": json.dumps({"applications": {"$user.name": ["@anything:remove"]}}),
    }
    privacy = PrivacySettings(names=("nickname", "steam id"), keep_names=("guild", "session"))
    laid = scrubbing_of(privacy, live)
    assert {"steam id", "nickname"} <= set(laid["sensitiveFields"])
    assert laid["safeFields"] == ["guild", "session"]
    rules = json.loads(laid["relayPiiConfig"])
    assert rules["applications"]["$user.name"] == ["@anything:remove", "tux_user_name"]
    assert rules["applications"]["$user.username"] == ["tux_user_name"]
    back = scrubbing_of(PrivacySettings(user="id+name"), laid)
    assert {"shoe_size", "nickname"} <= set(back["sensitiveFields"])
    assert "steam id" not in back["sensitiveFields"]
    assert back["safeFields"] == ["guild"]
    rules = json.loads(back["relayPiiConfig"])
    assert rules["applications"]["$user.name"] == ["@anything:remove"]
    assert "$user.username" not in rules["applications"]
    assert not [name for name in rules["rules"] if "steam" in name or "session" in name]


WRONG: list[tuple[str, str, Any]] = [
    ("monitors", "0.name", None),
    ("monitors", "0.data_sources", []),
    ("monitors", "0.dataSources.0.timeWindow", 1),
    ("monitors", "0.dataSources.0.environment", None),
    ("monitors", "0.dataSources.0.dataset", "transactions"),
    ("monitors", "1.dataSources.0.timeWindow", 60),
    ("monitors", "1.dataSources.0.eventTypes", ["error"]),
    ("monitors", "0.conditionGroup.conditions.1", None),
    ("alerts", "0.config.frequency", 15),
    ("alerts", "0.detectorIds", ["1"]),
    ("alerts", "0.actionFilters.0.actions.1.type", "webhook"),
    ("dashboard", "widgets.0.displayType", "pie"),
    ("dashboard", "widgets.0.widgetType", "discover"),
    ("dashboard", "widgets.0.queries.0.conditions", None),
    ("dashboard", "projects", ["tux"]),
]


@pytest.mark.parametrize(("name", "path", "value"), WRONG, ids=lambda one: str(one)[:40])
def test_the_fake_refuses_what_sentry_would(desk: Desk, name: str, path: str, value: Any) -> None:
    """A body with one thing wrong is a 400 of the fake, so that ours cannot be."""
    body: Any = expected(name)
    *way, last = path.split(".")
    at = body
    for part in way:
        at = at[int(part)] if part.isdigit() else at[part]
    if isinstance(at, list):
        del at[int(last)]
    elif value is None:
        del at[last]
    else:
        at[last] = value
    route = {"monitors": "projects/tux-bot/detectors/", "alerts": "workflows/"}
    body = body[int(way[0])] if name != "dashboard" else body
    if name == "alerts" and last != "detectorIds":
        body["detectorIds"] = []
    url = f"{desk.line.url}/api/0/organizations/acme/{route.get(name, 'dashboards/')}"
    answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400, answer.text
