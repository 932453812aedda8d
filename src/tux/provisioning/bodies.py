"""Definitions and settings → everything that Sentry shall have. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.provisioning.dashboard import dashboard_of
from tux.provisioning.marks import PREFIX, scoped
from tux.provisioning.measures import measure_of
from tux.provisioning.objects import MONITORS, Body, Kind, Place, Wanted
from tux.provisioning.scrubbing import scrubbing_of
from tux.watch.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.shared.settings import Settings
    from tux.watch import AlertRule, Cron, Definitions, Team

FREQUENCIES: Final = (0, 5, 10, 30, 60, 180, 720, 1440)
"""Minutes between two notices of one alert, of which Sentry takes these."""
SEVERITIES: Final = {"high": 75, "medium": 50}
_RESOLVED: Final = 0
_TRIGGERS: Final = (
    "first_seen_event",
    "reappeared_event",
    "regression_event",
    "issue_resolved_trigger",
)
_EVENTS: Final = {
    "errors": ("events", 0, ["error", "default"]),
    "spans": ("events_analytics_platform", 1, ["trace_item_span"]),
}
_DISCORD_TAGS: Final = "environment,release,command"


def wanted_of(definitions: Definitions, settings: Settings, place: Place) -> list[Wanted]:
    """Make all that is wanted, in the order of ``Kind``."""
    return [
        *(monitor_of(name, rule, place) for name, rule in definitions.alerts.items()),
        *alerts_of(definitions, place),
        dashboard_of(definitions, place),
        *(_cron_of(name, cron, place) for name, cron in definitions.crons.items()),
        *_settings_of(settings, place),
        *_release_of(settings, place),
    ]


def monitor_of(name: str, rule: AlertRule, place: Place) -> Wanted:
    """Make the monitor of a rule: what is measured, and when that opens an issue."""
    measure = measure_of(rule)
    dataset, query_type, event_types = _EVENTS[SOURCES[rule.source].dataset]
    source: Body = {
        "aggregate": measure.aggregate,
        "dataset": dataset,
        "query": measure.query,
        "queryType": query_type,
        "eventTypes": event_types,
        "timeWindow": int(rule.window_seconds),
        "environment": rule.environment or None,
    }
    if query_type:
        source["extrapolationMode"] = "client_and_server_weighted"
    title = f"{PREFIX}{rule.title}"
    body: Body = {
        "name": title,
        "type": "metric_issue",
        "enabled": rule.enabled,
        "owner": f"team:{place.teams[rule.team]}",
        "description": rule.description.strip(),
        "dataSources": [source],
        "conditionGroup": {
            "logicType": "any",
            "conditions": [
                _condition("gt", measure.threshold, SEVERITIES[rule.severity]),
                _condition("lte", measure.calm, _RESOLVED),
            ],
        },
        "config": {"detectionType": "static"},
    }
    return Wanted(Kind.MONITOR, name, title, body)


def _condition(kind: str, comparison: float, result: int) -> Body:
    whole = int(comparison) if float(comparison).is_integer() else comparison
    return {"type": kind, "comparison": whole, "conditionResult": result}


def frequency_of(rule: AlertRule) -> int:
    """Find the minutes between two notices: the shortest that Sentry takes and that are enough."""
    return next((one for one in FREQUENCIES if one * 60 >= rule.cooldown_seconds), FREQUENCIES[-1])


def alerts_of(definitions: Definitions, place: Place) -> Iterator[Wanted]:
    """Make an alert a team and frequency: which monitors it is told of, and how."""
    groups: dict[tuple[str, int], list[str]] = {}
    for name, rule in definitions.alerts.items():
        groups.setdefault((rule.team, frequency_of(rule)), []).append(name)
    shortest = {team: min(one for whose, one in groups if whose == team) for team, _ in groups}
    for (team, minutes), monitors in groups.items():
        key = f"notify_{team}"
        if minutes != shortest[team]:
            key += f" every {minutes} minutes"
        title = scoped(key, place.project)
        body: Body = {
            "name": title,
            "enabled": True,
            "owner": f"team:{place.teams[team]}",
            "environment": None,
            MONITORS: sorted(monitors),
            "config": {"frequency": minutes},
            "triggers": {
                "logicType": "any-short",
                "conditions": [
                    {"type": one, "comparison": True, "conditionResult": True} for one in _TRIGGERS
                ],
            },
            "actionFilters": [
                {
                    "logicType": "all",
                    "conditions": [],
                    "actions": list(_actions(definitions.teams[team], place.teams[team], place)),
                }
            ],
        }
        yield Wanted(Kind.ALERT, key, title, body)


def _actions(team: Team, team_id: str, place: Place) -> Iterator[Body]:
    if "email" in team.notify:
        yield {
            "type": "email",
            "integrationId": None,
            "data": {},
            "status": "active",
            "config": {"targetType": "team", "targetIdentifier": team_id, "targetDisplay": None},
        }
    if "discord" in team.notify and team.discord_channel:
        yield {
            "type": "discord",
            "integrationId": place.discord,
            "data": {"tags": _DISCORD_TAGS},
            "status": "active",
            "config": {
                "targetType": "specific",
                "targetIdentifier": team.discord_channel,
                "targetDisplay": "",
            },
        }


def _cron_of(name: str, cron: Cron, place: Place) -> Wanted:
    title = scoped(cron.title, place.project)
    body: Body = {
        "project": place.project,
        "name": title,
        "slug": name,
        "status": "active",
        "owner": f"team:{place.teams[cron.team]}",
        "config": {
            "schedule_type": "interval",
            "schedule": [cron.every_minutes, "minute"],
            "checkin_margin": cron.margin_minutes,
            "max_runtime": cron.limit_minutes,
            "timezone": "UTC",
            "failure_issue_threshold": cron.failures,
            "recovery_threshold": cron.recoveries,
        },
    }
    return Wanted(Kind.CRON, name, title, body)


def _settings_of(settings: Settings, place: Place) -> Iterator[Wanted]:
    asked = settings.provisioning
    if asked.scrubbing:
        body = scrubbing_of(settings.privacy, place.scrubbing)
        yield Wanted(Kind.PROJECT, place.project, "data scrubbing", body)
    for name in asked.filters:
        yield Wanted(Kind.FILTER, name, name, {"active": True})
    if asked.key_count:
        limit = {"window": asked.key_seconds, "count": asked.key_count}
        yield Wanted(Kind.KEY, place.key_id, "rate limit", {"rateLimit": limit})


def _release_of(settings: Settings, place: Place) -> Iterator[Wanted]:
    """Make the release, and that it runs in this environment, where a release was named."""
    version, environment = settings.sentry.release, settings.sentry.environment
    if version is None:
        return
    projects = [place.project]
    release: Body = {"version": version, "projects": projects}
    yield Wanted(Kind.RELEASE, version, version, release)
    deploy: Body = {
        "environment": environment,
        "name": f"{PREFIX}{environment}"[:64],
        "projects": projects,
    }
    yield Wanted(Kind.DEPLOY, environment, f"{version} in {environment}", deploy, version)
