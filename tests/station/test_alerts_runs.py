"""Alerts about commands look at every run that a bot has measured, each once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.fakes.measured import measured
from tests.station.conftest import envelope_of
from tests.station.test_alerts_rules import rule_of, send_runs, value_of

from tux.station.alerting.measuring import Evidence, evidence
from tux.station.store.projects import create_project, projects_of

if TYPE_CHECKING:
    import pytest
    from tests.station.conftest import StationUnderTest


async def test_failures_are_those_of_all_runs(station: StationUnderTest) -> None:
    """A failure that no sample holds counts, a member's mistake does not; users are those of samples."""
    now = station.station.store.clock()
    await send_runs(station, 100.0, user={"id": "7"})
    await send_runs(station, 400.0, transaction="kick")
    found = [(1.0, 10.0, "")] * 17 + [(2.0, 20.0, "invalid_argument")] * 2
    found.append((3.0, 5.0, "internal_error"))
    items = measured(now, "ban", *found)
    assert (await station.send(({"type": "trace_metric"}, {"items": items}))).status == 200
    ask = {"source": "commands"}
    assert value_of(station, **ask, aggregate="failure_rate", command="ban") == 1 / 20
    assert value_of(station, **ask, aggregate="failure_rate") == 1 / 21
    assert value_of(station, **ask, aggregate="count") == 21
    assert value_of(station, **ask, aggregate="per_minute") == 21
    assert value_of(station, **ask, aggregate="p95", command="ban") == 20
    assert value_of(station, **ask, aggregate="users") == 1
    with station.station.store.read() as connection:
        shown = evidence(connection, rule_of(**ask, aggregate="failure_rate"), now)
    assert shown == Evidence(21, 1, "ban: KeyError", "/transactions/?name=ban")


async def test_what_comes_twice_is_one_run(station: StationUnderTest) -> None:
    """A client that lost our answer sends its runs again."""
    items = measured(station.station.store.clock(), "ban", (1.0, 10.0, "internal_error"))
    for _ in range(2):
        assert (await station.send(({"type": "trace_metric"}, {"items": items}))).status == 200
    assert value_of(station, source="commands", aggregate="count") == 1
    assert (await station.get("/api/v1/overview")).json["figures"]["commands"]["count"] == 1


async def test_each_project_has_its_runs(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent to two projects are two runs, as transactions would be."""
    monkeypatch.setattr("tux.station.store.file.FRESH_SECONDS", 0.0)
    store = station.station.store
    other = await store.change(partial(create_project, name="other", now=1.0))
    key = (await store.change(projects_of))[other].public_key
    items = measured(store.clock(), "ban", (1.0, 10.0, "ok"))
    body = envelope_of(({"type": "trace_metric"}, {"items": items}))
    path, auth = f"/api/{other}/envelope/", {"X-Sentry-Auth": f"Sentry sentry_key={key}"}
    assert (await station.send_raw(body)).status == 200
    assert (await station.send_raw(body, path, auth)).status == 200
    await station.read_all()
    assert value_of(station, source="commands", aggregate="count") == 2
