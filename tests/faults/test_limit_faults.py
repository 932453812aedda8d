"""500 events, a receiver that limits what it takes, and what arrives when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.fakes.receiver import items_of, wait_until
from tests.faults.server import TAKE, Answer, Request
from tests.faults.stage import DAY, EVENTS, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.stage import Stage


FEWER = EVENTS // 5


def types(stage: Stage) -> list[str]:
    """List the items that arrived, in order."""
    return [item.type for body in stage.server.envelopes for item in items_of(body)]


def transactions(count: int) -> None:
    """Capture so many transactions."""
    for number in range(count):
        with sentry_sdk.start_transaction(op="command", name=f"command {number}"):
            pass


@pytest.mark.parametrize("said", [DAY, 366 * DAY])
@pytest.mark.parametrize("clock", [0.0, -400.0 * DAY], ids=["right", "set back a year"])
def test_a_day_is_waited_for_over_a_restart_and_no_longer(
    said: int, clock: float, stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A Retry-After of a day, or of a year, holds the next run for a day at most."""
    time = stage.telemetry.time
    stage.server.plan = lambda _: Answer(429, {"Retry-After": str(said)})
    transport = stage.telemetry.start()
    stage.capture(EVENTS)
    assert wait_until(lambda: not transport.is_healthy())
    asked = stage.server.requests
    stage.server.plan = lambda _: TAKE
    time.jump = clock
    stage.restart()
    sentry_sdk.flush(5)
    time.ahead += DAY - 60
    sentry_sdk.flush(5)
    assert stage.server.requests == asked
    time.ahead += 61
    record_property("accounts", stage.check(f"Retry-After of {spoken(said)}, then a restart"))


def test_one_process_obeys_what_another_was_told(stage: Stage) -> None:
    """A limit that one process learns holds a second one, which starts while the first lives."""
    stage.server.plan = lambda _: Answer(429, {"Retry-After": "600"})
    first = stage.telemetry.start()
    stage.capture(1)
    # What a process was told it writes down a moment after it knows.
    spool = stage.telemetry.settings.spool_path
    assert wait_until(lambda: not first.is_healthy() and any(spool.rglob("limits-*.json")))
    asked = stage.server.requests
    sentry_sdk.get_global_scope().set_client(None)
    stage.telemetry.start()
    stage.capture(9)
    sentry_sdk.flush(5)
    assert stage.server.requests == asked
    first.kill()
    stage.server.plan = lambda _: TAKE
    stage.telemetry.time.ahead += 601
    stage.check("two that are limited")


def test_a_category_waits_while_another_is_taken(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """While transactions are limited errors arrive; the transactions come when they may."""
    limit = {"X-Sentry-Rate-Limits": "600:transaction;span:organization:quota"}
    stage.server.plan = lambda request: (
        Answer(429, limit) if "transaction" in request.types else TAKE
    )
    transport = stage.telemetry.start(traces_sample_rate=1.0)
    transactions(1)
    assert wait_until(lambda: not transport.is_healthy())
    stage.capture(EVENTS)
    transactions(EVENTS - 1)
    accounts = stage.settle(passes=0.0)
    assert accounts.missing == 0, str(accounts)
    assert "transaction" not in types(stage)
    stage.server.plan = lambda _: TAKE
    stage.telemetry.time.ahead += 601
    assert stage.is_drained()
    assert types(stage).count("transaction") == EVENTS
    record_property("accounts", stage.check("a limit for transactions"))


def test_attachments_wait_while_their_events_are_taken(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """While attachments are limited their events arrive without; they follow, under one id."""

    def attach(request: Request) -> Answer:
        limit = {"X-Sentry-Rate-Limits": "600:attachment:organization"}
        return Answer(200, limit, takes=True)

    stage.server.plan = attach
    transport = stage.telemetry.start()
    stage.capture(1)
    assert wait_until(lambda: not transport.is_healthy())
    stage.server.plan = lambda _: TAKE
    with sentry_sdk.new_scope() as scope:
        scope.add_attachment(bytes=b"a log", filename="tux.log")
        stage.capture(FEWER - 1)
    accounts = stage.settle(passes=0.0)
    assert accounts.missing == 0, str(accounts)
    assert "attachment" not in types(stage)
    stage.telemetry.time.ahead += 601
    assert stage.is_drained()
    assert types(stage).count("attachment") == FEWER - 1
    assert types(stage).count("event") == FEWER
    assert stage.server.lost == {}
    assert sorted(stage.server.arrived.values()) == [1] + [2] * (FEWER - 1)
    record_property("accounts", "a limit for attachments: both parts of each arrived once")


def test_a_limit_for_all_holds_reports_too(stage: Stage) -> None:
    """While everything is limited nothing is sent, whatever there is to report."""
    stage.server.plan = lambda _: Answer(429, {"Retry-After": "600"})
    transport = stage.telemetry.start(before_send=lambda event, _: None)
    sentry_sdk.capture_message("dropped")
    sentry_sdk.flush(5)
    assert wait_until(lambda: not transport.is_healthy())
    sentry_sdk.capture_message("dropped")
    sentry_sdk.flush(5)
    assert stage.server.requests == 1
    stage.server.plan = lambda _: TAKE
    stage.telemetry.time.ahead += 601
    sentry_sdk.flush(5)
    assert stage.is_drained()
    assert stage.server.lost == {("error", "before_send"): 2}


def test_a_backlog_is_replayed_within_the_receivers_limit(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """A receiver that takes 50 in 10 seconds is asked no more until each 10 seconds are over."""
    time = stage.telemetry.time
    window = [0.0, 0.0]
    early: list[float] = []

    def quota(_: Request) -> Answer:
        now = time.monotonic()
        if now >= window[0] + 10:
            window[:] = now, 0.0
        window[1] += 1
        if window[1] > 51:
            early.append(now)
        return TAKE if window[1] <= 50 else Answer(429, {"Retry-After": "10"})

    stage.server.leave()
    stage.telemetry.start()
    stage.capture(EVENTS)
    stage.telemetry.stop()
    stage.server.plan = quota
    stage.server.come()
    stage.telemetry.start()
    record_property("accounts", stage.check("50 in 10 s"))
    assert early == []


def test_errors_of_a_backlog_go_before_the_rest(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    """After a restart all errors arrive before the first of the older transactions."""
    stage.server.leave()
    stage.telemetry.start(traces_sample_rate=1.0)
    transactions(EVENTS // 2)
    stage.capture(EVENTS // 2)
    stage.telemetry.stop()
    stage.server.come()
    stage.telemetry.start()
    record_property("accounts", stage.check("a mixed backlog"))
    assert wait_until(lambda: len(stage.server.envelopes) == EVENTS)
    assert types(stage) == ["event"] * (EVENTS // 2) + ["transaction"] * (EVENTS // 2)
