"""The real SDK delivers into the real station."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

FAILING = """
def rank(member):
    return {}["xp"]

sentry_sdk.set_user({"id": "42", "username": "ada"})
sentry_sdk.set_tag("command", "rank")
for _ in range(2):
    try:
        rank("ada")
    except KeyError:
        sentry_sdk.capture_exception()
"""
TRACED = """
with sentry_sdk.start_transaction(op="command.slash", name="rank") as transaction:
    with sentry_sdk.start_span(op="db", name="SELECT 1"):
        pass
    transaction.set_status("ok")
"""
SESSION = """
sentry_sdk.get_isolation_scope().start_session(session_mode="request")
sentry_sdk.get_isolation_scope().end_session()
"""
CHECK_IN = """
from sentry_sdk.crons import capture_checkin
check_in = capture_checkin(monitor_slug="expire", status="in_progress")
capture_checkin(monitor_slug="expire", check_in_id=check_in, status="ok", duration=1.5)
"""
LOGS = """
sentry_sdk.logger.warning("slow query of {seconds} s", seconds=3)
"""


async def test_errors_of_the_sdk_become_one_issue(station: StationUnderTest) -> None:
    """Two failures of one function are two events of one issue, each with user and tags."""
    await station.run_sdk(FAILING, release="tux@1.0.0", environment="production")
    (issue,) = station.rows("SELECT * FROM issues")
    assert issue["title"] == "KeyError: 'xp'"
    assert issue["times_seen"] == 2
    assert issue["culprit"].endswith("in rank")
    events = station.rows("SELECT * FROM events")
    assert {event["user_id"] for event in events} == {"42"}
    assert {event["release"] for event in events} == {"tux@1.0.0"}
    assert {event["environment"] for event in events} == {"production"}
    assert {event["handled"] for event in events} == {1}
    assert station.value("SELECT count(*) FROM event_tags WHERE key = 'command'") == 2


async def test_a_transaction_of_the_sdk_is_kept_with_its_spans(station: StationUnderTest) -> None:
    """A transaction keeps its name, op and status, and its spans hang below it."""
    await station.run_sdk(TRACED, traces_sample_rate=1.0)
    (transaction,) = station.rows("SELECT * FROM transactions")
    assert (transaction["name"], transaction["op"], transaction["status"]) == (
        "rank",
        "command.slash",
        "ok",
    )
    (span,) = station.rows("SELECT * FROM spans")
    assert (span["op"], span["description"]) == ("db", "SELECT 1")
    assert span["parent_span_id"] == transaction["span_id"]


async def test_streamed_spans_become_a_transaction(station: StationUnderTest) -> None:
    """A streaming SDK's segment counts as a transaction does."""
    script = """
with sentry_sdk.traces.start_span(name="rank", attributes={"sentry.op": "command.slash"}):
    with sentry_sdk.traces.start_span(name="SELECT 1", attributes={"sentry.op": "db"}):
        pass
"""
    await station.run_sdk(script, traces_sample_rate=1.0, trace_lifecycle="stream")
    (transaction,) = station.rows("SELECT * FROM transactions")
    assert (transaction["name"], transaction["op"]) == ("rank", "command.slash")
    (span,) = station.rows("SELECT * FROM spans")
    assert (span["description"], span["txn"]) == ("SELECT 1", transaction["id"])


async def test_sessions_of_the_sdk_are_counted(station: StationUnderTest) -> None:
    """An aggregate of sessions is kept by release."""
    await station.run_sdk(SESSION, release="tux@1.0.0")
    (session,) = station.rows("SELECT * FROM sessions")
    assert (session["release"], session["exited"]) == ("tux@1.0.0", 1)


async def test_check_ins_of_the_sdk_are_one_run(station: StationUnderTest) -> None:
    """The start and the end of a run are one row."""
    await station.run_sdk(CHECK_IN)
    (check_in,) = station.rows("SELECT * FROM check_ins")
    assert (check_in["monitor_slug"], check_in["status"]) == ("expire", "ok")
    assert check_in["duration"] == 1500


async def test_logs_of_the_sdk_are_kept(station: StationUnderTest) -> None:
    """A structured log keeps its level, text and attributes."""
    await station.run_sdk(LOGS, enable_logs=True)
    (log,) = station.rows("SELECT * FROM logs")
    assert (log["level"], log["body"]) == ("warn", "slow query of 3 s")
    assert '"sentry.message.parameter.seconds": 3' in log["attributes"]


async def test_losses_of_the_sdk_are_counted(station: StationUnderTest) -> None:
    """What the SDK dropped is told by its client report."""
    await station.run_sdk(FAILING, sample_rate=0.0)
    (lost,) = station.rows("SELECT * FROM discards")
    assert (lost["origin"], lost["category"], lost["reason"], lost["quantity"]) == (
        "client",
        "error",
        "sample_rate",
        2,
    )


async def test_a_client_object_delivers_too(station: StationUnderTest) -> None:
    """The SDK delivers from inside a process that has other clients."""
    event_id = await station.use_client(lambda scope: scope.capture_message("hello"))
    assert station.value("SELECT event_id FROM events") == event_id


async def test_metrics_of_the_sdk_are_summed_up(station: StationUnderTest) -> None:
    """What a program counts is kept by the hour, and what makes no sense is counted as dropped."""
    script = """
sentry_sdk.metrics.count("errors.handled", 2)
sentry_sdk.metrics.count("errors.handled", 3)
sentry_sdk.metrics.distribution("command.duration", 12.5, unit="millisecond")
"""
    await station.run_sdk(script)
    bad = [
        {"name": "x", "type": "set", "value": 1},
        {"name": "y", "type": "gauge", "value": "z"},
        7,
    ]
    await station.send(({"type": "trace_metric", "item_count": 3}, {"items": bad}))
    rows = station.rows(
        "SELECT name, kind, unit, sum(count) AS n, sum(total) AS total FROM metric_hours GROUP BY 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("command.duration", "distribution", "millisecond", 1, 12.5),
        ("errors.handled", "counter", "", 2, 5.0),
    ]
    lost = station.rows("SELECT category, reason, quantity FROM discards WHERE origin = 'station'")
    assert [tuple(row.values()) for row in lost] == [("trace_metric", "invalid", 3)]
    assert b"errors.handled" in (await station.get("/metrics/")).body
