"""The page of alerts, and its buttons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tux.station.alerting import outbox, records
from tux.station.alerting.notices import amount, span
from tux.station.errors import NotThereError
from tux.station.pages.alert_charts import AlertChart, chart_of
from tux.station.pages.rendering import Asked, View
from tux.watch.engine import State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping

    from tux.station.alerting.notifiers import Target
    from tux.station.alerting.outbox import Health
    from tux.station.alerting.watching import Alerts
    from tux.station.pages.rendering import Ask
    from tux.watch import AlertRule

RANGES: Final = {"1h": (3600.0, 1), "24h": (86_400.0, 30)}
"""Seconds that the charts go back, and minutes of a bar."""
SILENCES: Final = {"1": "1 h", "8": "8 h", "24": "24 h"}
"""Hours that a rule can be silenced for."""
_NAME: Final = "{name:[a-z][a-z0-9_-]{0,49}}"


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule as its card shows it."""

    name: str
    rule: AlertRule
    state: State
    value: str
    threshold: str
    waits: str
    """How long it waits before it fires and resolves, and how often it is told."""
    chart: AlertChart
    is_silenced: bool


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """One way to one team, and how it goes."""

    target: Target
    title: str
    health: Health


def views(alerts: Alerts) -> Mapping[str, Ask]:
    """List the pages."""
    return {"/alerts/": partial(_page, alerts=alerts)}


def buttons(alerts: Alerts) -> list[web.RouteDef]:
    """List what the page's forms are sent to."""
    return [
        web.post(f"/alerts/rules/{_NAME}/acknowledge", _of_rule(alerts, _acknowledge)),
        web.post(f"/alerts/rules/{_NAME}/silence", _of_rule(alerts, _silence)),
        web.post(f"/alerts/teams/{_NAME}/test", _test(alerts)),
    ]


def _page(connection: sqlite3.Connection, asked: Asked, *, alerts: Alerts) -> View:
    states, health = records.states(connection), outbox.health(connection)
    chosen = asked.choice("range", tuple(RANGES))
    rules = [
        _shown(connection, name, rule, states.get(name, State()), asked.now, chosen)
        for name, rule in alerts.definitions.alerts.items()
    ]
    targets = [
        ShownTarget(
            one,
            alerts.definitions.teams[one.team].title,
            health.get((one.team, one.kind), outbox.Health()),
        )
        for one in alerts.targets
    ]
    return View(
        "alerts.html",
        {
            "rules": rules,
            "firings": records.firings(connection),
            "targets": targets,
            "teams": alerts.definitions.teams,
            "silences": SILENCES,
            "chosen": chosen,
            "choices": tuple(RANGES),
            "amount": amount,
            "span": span,
        },
    )


def _shown(
    connection: sqlite3.Connection,
    name: str,
    rule: AlertRule,
    state: State,
    now: float,
    chosen: str,
) -> ShownRule:
    seconds, minutes = RANGES[chosen]
    found = records.samples(connection, name, now - seconds, now, minutes)
    waits = [
        f"{word} {span(value)}"
        for word, value in (
            ("fires after", rule.for_seconds),
            ("resolves after", rule.resolve_seconds),
            ("told again after", rule.cooldown_seconds),
        )
        if value
    ]
    return ShownRule(
        name,
        rule,
        state,
        amount(state.value, rule.unit),
        amount(rule.threshold, rule.unit),
        ", ".join(waits),
        chart_of(rule, found, now),
        state.silenced > now,
    )


def _of_rule(
    alerts: Alerts, act: Callable[[Alerts, web.Request, str], Awaitable[None]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in alerts.definitions.alerts:
            raise NotThereError("there is no such rule, or no longer")
        await act(alerts, request, name)
        return _back(name)

    return handler


async def _acknowledge(alerts: Alerts, _request: web.Request, name: str) -> None:
    await alerts.acknowledge(name)


async def _silence(alerts: Alerts, request: web.Request, name: str) -> None:
    """Silence for some hours; without a number the silence ends."""
    hours = (await request.post()).get("hours", "")
    await alerts.silence(name, 3600.0 * int(hours) if hours in SILENCES else 0.0)


def _test(alerts: Alerts) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        team = request.match_info["name"]
        if team not in alerts.definitions.teams:
            raise NotThereError("there is no such team, or no longer")
        await alerts.test(team)
        return _back("notifiers")

    return handler


def _back(place: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/alerts/#{place}"})
