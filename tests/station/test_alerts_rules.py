"""Rules over what clients sent: values, states, notices, restarts."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.hooks import Hooks, hooks
from tests.station.conftest import StationUnderTest, station_at

from tux.shared.alert_settings import AlertSettings
from tux.shared.toml_lines import TomlLines
from tux.station.alerting import outbox
from tux.station.alerting.measuring import Evidence, evidence, measure
from tux.station.alerting.watching import Watch
from tux.watch import AlertRule, Definitions
from tux.watch.loading import FILE, definitions_of

if TYPE_CHECKING:
    from pathlib import Path

FAST = {"alerts": {"error_rate": {"cooldown_seconds": 0}, "command_duration": {"enabled": False}}}


def watch_of(taken: Hooks | None = None, **section: Any) -> Watch:
    """Watch what the defaults and a section say, and tell a webhook."""
    settings = AlertSettings.model_validate({"webhook_urls": f"{taken.url}/hook"} if taken else {})
    return Watch(definitions_of(section or FAST, TomlLines(""), FILE), settings)


def rule_of(**fields: Any) -> AlertRule:
    usual = {
        "title": "x",
        "aggregate": "count",
        "threshold": 1,
        "window_seconds": 60,
        "team": "team",
    }
    return AlertRule.model_validate({**usual, **fields})


async def send_errors(station: StationUnderTest, count: int, **fields: Any) -> None:
    for place in range(count):
        await station.send_event(
            **{"message": "boom", "level": "error", "user": {"id": str(place % 3)}, **fields}
        )


async def send_runs(station: StationUnderTest, *milliseconds: float, **fields: Any) -> None:
    now = station.station.store.clock()
    for duration in milliseconds:
        times = {"start_timestamp": now - duration / 1000, "timestamp": now}
        await station.send_transaction(**{**times, **fields})


def value_of(station: StationUnderTest, **fields: Any) -> float | None:
    with station.station.store.read() as connection:
        return measure(connection, rule_of(**fields), station.station.store.clock())


async def test_errors_are_counted_in_the_window(station: StationUnderTest) -> None:
    """Errors count by level, kind, command and environment; what is older does not."""
    now = time.time()
    await send_errors(station, 4)
    await send_errors(station, 2, tags={"error.kind": "database", "command": "ban"})
    await send_errors(station, 1, environment="production")
    await send_errors(station, 3, level="warning")
    await send_errors(station, 5, timestamp=now - 70)
    ask = {"source": "errors"}
    assert value_of(station, **ask) == 7
    assert value_of(station, **ask, window_seconds=120) == 12
    assert value_of(station, **ask, aggregate="per_minute", window_seconds=120) == 6
    assert value_of(station, **ask, aggregate="per_hour", window_seconds=1800) == 24
    assert value_of(station, **ask, aggregate="users") == 3
    assert value_of(station, **ask, command="ban") == 2
    assert value_of(station, **ask, environment="production") == 1
    assert value_of(station, source="database_errors") == 2


async def test_runs_are_measured_when_they_end(station: StationUnderTest) -> None:
    """A run that began before the window and ended in it counts; other work does not."""
    assert value_of(station, source="commands", aggregate="max") is None
    await send_runs(station, 100, 200, 90_000)
    await send_runs(
        station,
        400,
        transaction="kick",
        contexts={"trace": trace_of("command.slash", "internal_error")},
    )
    await send_runs(station, 7000, transaction="tidy", contexts={"trace": trace_of("task")})
    now = station.station.store.clock()
    await station.send_transaction(start_timestamp=now - 200, timestamp=now - 100)
    ask = {"source": "commands"}
    assert value_of(station, **ask) == 4
    found = {
        name: value_of(station, **ask, aggregate=name)
        for name in ("max", "mean", "p50", "p95", "failure_rate")
    }
    assert found == pytest.approx(
        {"max": 90_000, "mean": 22_675, "p50": 200, "p95": 90_000, "failure_rate": 0.25}
    )
    assert value_of(station, **ask, aggregate="max", command="kick") == pytest.approx(400)
    assert value_of(station, source="operations", aggregate="count") == 5


async def test_durations_are_those_that_the_bot_measures(station: StationUnderTest) -> None:
    """Each run that a bot tells of counts, without its waits for people; a sample does for others."""
    now = station.station.store.clock()
    await send_runs(station, 60_000.0)
    await send_runs(station, 400.0, transaction="kick")
    metrics = [
        {
            "timestamp": now - age,
            "type": "distribution",
            "name": "command.duration",
            "unit": "millisecond",
            "value": value,
            "trace_id": "f" * 32,
            "attributes": {
                "command": {"value": "ban", "type": "string"},
                "sentry.environment": {"value": "production", "type": "string"},
            },
        }
        for age, value in ((1.0, 900.0), (2.0, 6200.0), (70.0, 9000.0))
    ]
    assert (await station.send(({"type": "trace_metric"}, {"items": metrics}))).status == 200
    ask = {"source": "commands"}
    assert value_of(station, **ask, aggregate="max") == 6200
    assert value_of(station, **ask, aggregate="max", window_seconds=120) == 9000
    assert value_of(station, **ask, aggregate="mean") == pytest.approx(2500)
    assert value_of(station, **ask, aggregate="mean", command="ban") == 3550
    assert value_of(station, **ask, aggregate="p50", environment="production") == 900
    assert value_of(station, **ask) == 3
    with station.station.store.read() as connection:
        shown = evidence(connection, rule_of(**ask, aggregate="max"), now)
    assert shown == Evidence(3, 0, "ban", "/transactions/?name=ban")
    assert (await station.get(shown.path)).status == 200


def trace_of(op: str, status: str = "ok") -> dict[str, str]:
    return {
        "trace_id": uuid.uuid4().hex,
        "span_id": uuid.uuid4().hex[:16],
        "op": op,
        "status": status,
    }


async def test_queries_and_calls_are_measured(station: StationUnderTest) -> None:
    """Spans of the database and of external APIs are measured, of one command too."""
    now = station.station.store.clock()
    spans = [
        {
            **trace_of("db"),
            "description": "SELECT 1",
            "start_timestamp": now - 0.5,
            "timestamp": now,
        },
        {
            **trace_of("http.client", "internal_error"),
            "description": "GET https://x.invalid",
            "start_timestamp": now - 2,
            "timestamp": now,
        },
    ]
    trace = trace_of("command.slash")
    of_trace = [{**span, "trace_id": trace["trace_id"]} for span in spans]
    await station.send_transaction(contexts={"trace": trace}, spans=of_trace)
    assert value_of(station, source="queries", aggregate="max") == pytest.approx(500, abs=1)
    assert value_of(station, source="calls", aggregate="failure_rate") == 1
    assert value_of(station, source="calls", aggregate="p95", command="kick") is None
    assert value_of(station, source="operations", aggregate="count") == 3
    with station.station.store.read() as connection:
        shown = evidence(connection, rule_of(source="calls", aggregate="max"), now)
    assert shown.title == "GET https://x.invalid"
    assert (await station.get(shown.path)).status == 200


async def test_a_rule_fires_is_told_and_resolves(tmp_path: Path) -> None:
    """More than ten errors in a minute reach the webhook within one look; their end, too."""
    async with hooks() as taken, station_at(tmp_path / "s.db", watch_of(taken)) as station:
        alerts, store = station.station.alerts, station.station.store
        await send_errors(station, 10)
        await alerts.look()
        assert await alerts.teller.tell() == 0
        await send_errors(station, 1)
        await alerts.look()
        # The log and the webhook.
        assert await alerts.teller.tell() == 2
        began = time.time()
        store.clock = lambda: began + 61
        await alerts.look()
        await alerts.look()
        assert await alerts.teller.tell() == 2
        fired, over = (posted.json for posted in taken.posted)
        assert (fired["kind"], fired["rule"], fired["team"]) == ("firing", "error_rate", "team")
        assert (fired["value"], fired["threshold"], fired["count"], fired["users"]) == (
            11,
            10,
            11,
            3,
        )
        assert fired["evidence"] == "boom"
        assert (await station.get(fired["evidence_url"].removeprefix(station.url))).status == 200
        assert max(fired["spark"]) == 11
        assert (over["kind"], over["value"], over["peak"]) == ("resolved", 0, 11)
        assert over["since"] == fired["at"]
        (row,) = station.rows("SELECT * FROM alert_firings")
        assert (row["rule"], row["peak"], row["ended"] - row["began"]) == (
            "error_rate",
            11,
            pytest.approx(61, abs=5),
        )


async def test_a_restart_neither_forgets_nor_repeats(tmp_path: Path) -> None:
    """What fires goes on firing over a restart, untold; what was not told yet is told after it."""
    path = tmp_path / "s.db"
    async with hooks() as taken:
        taken.status = 503
        async with station_at(path, watch_of(taken)) as station:
            await send_errors(station, 11)
            await station.station.alerts.look()
            await station.station.alerts.teller.tell()
        taken.status = 204
        async with station_at(path, watch_of(taken)) as station:
            alerts, store = station.station.alerts, station.station.store
            await alerts.look()
            later = time.time() + outbox.WAITS[0] + 1
            store.clock = lambda: later
            await alerts.look()
            await alerts.teller.tell()
            await alerts.teller.tell()
            assert station.value("SELECT count(*) FROM alert_firings") == 1
    assert [posted.json["kind"] for posted in taken.posted] == ["firing", "firing"]
    assert len({posted.headers["X-Tux-Notice"] for posted in taken.posted}) == 1


async def test_what_fails_is_tried_again_until_it_is_no_news(tmp_path: Path) -> None:
    """Waits grow, a receiver's own wish is kept, and after a day nothing more is tried."""
    async with hooks() as taken, station_at(tmp_path / "s.db", watch_of(taken)) as station:
        alerts, store = station.station.alerts, station.station.store
        begin = moment = time.time()
        store.clock = lambda: moment
        await alerts.test("team")
        taken.status, taken.headers = 500, {"Retry-After": "40"}
        waits = []
        for _ in range(4):
            await alerts.teller.tell()
            due = station.value("SELECT due FROM alert_outbox WHERE notifier = 'webhook'")
            waits.append(round(due - moment))
            moment = due
        assert waits == [40, 40, 60, 300]
        moment = begin + outbox.GIVE_UP_SECONDS
        await alerts.teller.tell()
        moment += outbox.GIVE_UP_SECONDS
        assert await alerts.teller.tell() == 0
        assert len(taken.posted) == 5
        (row,) = station.rows("SELECT * FROM alert_outbox WHERE notifier = 'webhook'")
        assert (row["attempts"], row["fault"], row["outcome"]) == (5, "answered 500", "given up")


async def test_one_who_hangs_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """A notifier with a bug is a fault of its own; the log still hears."""
    async with station_at(tmp_path / "s.db", watch_of()) as station:
        alerts = station.station.alerts

        class Broken:
            async def tell(self, notice: object) -> None:
                raise LookupError("with a secret")

        alerts.teller._ways["team", "webhook"] = type(alerts.targets[0])(
            "team", "webhook", "x", Broken()
        )
        alerts.targets = (*alerts.targets, alerts.teller._ways["team", "webhook"])
        await alerts.test("team")
        await alerts.teller.tell()
        faults = station.rows("SELECT notifier, fault FROM alert_outbox ORDER BY notifier")
        assert [tuple(row.values()) for row in faults] == [
            ("log", None),
            ("webhook", "failed (LookupError)"),
        ]


async def test_a_rule_that_is_gone_leaves_nothing_open(tmp_path: Path) -> None:
    """A rule that is no longer declared has no open firing after the next look."""
    path = tmp_path / "s.db"
    async with station_at(path, watch_of()) as station:
        await send_errors(station, 11)
        await station.station.alerts.look()
    found = definitions_of({}, TomlLines(""), FILE)
    without = Definitions(**{**dict(found), "alerts": {}})
    async with station_at(path, Watch(without)) as station:
        await station.station.alerts.look()
        assert station.value("SELECT count(*) FROM alert_firings WHERE ended IS NULL") == 0
        assert station.value("SELECT count(*) FROM alert_states") == 0


async def test_a_station_looks_by_itself(tmp_path: Path) -> None:
    """While it is served it looks and tells without being asked."""
    async with hooks() as taken, station_at(tmp_path / "s.db", watch_of(taken)) as station:
        await send_errors(station, 11)
        alerts = station.station.alerts
        alerts._pause = 0.01
        running = asyncio.create_task(alerts.run())
        await taken.came.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert taken.posted[0].json["kind"] == "firing"
