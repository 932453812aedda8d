"""What arrives, over a real receiver and the real SDK."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.fakes.receiver import Receiver, Reply, wait_until
from tests.fakes.telemetry import Telemetry

from tux.services.sentry.delivery.spool_files import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture
def telemetry(receiver: Receiver, tmp_path: Path) -> Iterator[Telemetry]:
    telemetry = Telemetry(receiver.dsn, tmp_path / "spool")
    yield telemetry
    telemetry.stop()


def capture(count: int, start: int = 0) -> list[str]:
    messages = [f"failure {number}" for number in range(start, start + count)]
    for message in messages:
        assert sentry_sdk.capture_message(message, level="error")
    return messages


def arrived(receiver: Receiver, messages: list[str]) -> bool:
    return wait_until(lambda: len(receiver.messages) >= len(messages))


def test_burst_arrives_whole(receiver: Receiver, telemetry: Telemetry) -> None:
    """Two hundred envelopes in a burst arrive in order, each once, and leave no file."""
    telemetry.start()
    messages = capture(200)
    sentry_sdk.flush(30)
    assert receiver.messages == messages
    assert telemetry.waiting() == []
    assert receiver.lost == {}


def test_request_is_what_sentry_expects(receiver: Receiver, telemetry: Telemetry) -> None:
    """The envelope endpoint of the project is asked with the key, and stamped with the time."""
    telemetry.start()
    capture(1)
    sentry_sdk.flush(10)
    assert receiver.paths == ["/api/42/envelope/"]
    assert "sentry_key=0123456789abcdef0123456789abcdef" in receiver.auth[0]
    (header,) = receiver.envelope_headers
    assert header["event_id"] == receiver.of("event")[0]["event_id"]
    assert header["sent_at"].endswith("Z")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(503),
        Reply(502),
        Reply(408),
        Reply(401),
        Reply(403),
        Reply(404),
        Reply(407),
        Reply(302, {"Location": "http://127.0.0.1:1/"}),
        Reply(reset=True),
    ],
    ids=["500", "503", "502", "408", "401", "403", "404", "407", "redirect", "reset"],
)
def test_passing_fault_loses_nothing(
    receiver: Receiver, telemetry: Telemetry, reply: Reply
) -> None:
    """An envelope that met a passing fault is sent again, and each arrives once."""
    receiver.script = [reply] * 3
    telemetry.start()
    messages = capture(20)
    assert arrived(receiver, messages)
    sentry_sdk.flush(10)
    assert sorted(receiver.messages) == sorted(messages)
    assert receiver.lost == {}


def test_lost_answer_sends_the_same_event_again(receiver: Receiver, telemetry: Telemetry) -> None:
    """An envelope whose answer is lost arrives twice with one event id."""
    receiver.script = [Reply(reset=True, takes=True)]
    telemetry.start()
    capture(1)
    assert wait_until(lambda: len(receiver.messages) == 2)
    assert len({event["event_id"] for event in receiver.of("event")}) == 1


def test_receiver_that_is_away_gets_all_when_it_comes(
    receiver: Receiver, telemetry: Telemetry
) -> None:
    """What was captured while connections were refused arrives afterwards."""
    receiver.stop()
    telemetry.start()
    messages = capture(150)
    assert len(telemetry.waiting()) == 150
    receiver.start()
    assert arrived(receiver, messages)
    assert sorted(receiver.messages) == messages or set(receiver.messages) == set(messages)
    assert len(receiver.messages) == 150


def test_restart_of_the_receiver_loses_nothing(receiver: Receiver, telemetry: Telemetry) -> None:
    """A receiver that stops in the middle of a burst has all of it in the end."""
    receiver.otherwise = Reply(delay=0.002)
    telemetry.start()
    messages = capture(60)
    assert wait_until(lambda: len(receiver.messages) > 10)
    receiver.stop()
    messages += capture(60, start=60)
    receiver.start()
    assert wait_until(lambda: set(receiver.messages) == set(messages))


def test_hanging_receiver_does_not_hold_captures(receiver: Receiver, telemetry: Telemetry) -> None:
    """While a request hangs, captures go to disk, and all arrive when it lets go."""
    receiver.script = [Reply(delay=1.5)]
    telemetry.start()
    messages = capture(120)
    assert receiver.messages == []
    assert len(telemetry.waiting()) == 120
    assert arrived(receiver, messages)


def test_errors_go_before_the_rest(receiver: Receiver, telemetry: Telemetry) -> None:
    """In a backlog errors are sent first, transactions after them."""
    receiver.script = [Reply(503)]
    telemetry.retry_after = 0.5
    telemetry.start(traces_sample_rate=1.0)
    with sentry_sdk.start_transaction(op="task", name="first"):
        pass
    assert wait_until(lambda: receiver.requests == 1)
    with sentry_sdk.start_transaction(op="task", name="second"):
        pass
    capture(2)
    assert wait_until(lambda: len(receiver.items) == 4)
    assert [item.type for item in receiver.items] == ["event"] * 2 + ["transaction"] * 2


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_refused_envelope_is_given_up_and_counted(
    receiver: Receiver, telemetry: Telemetry, status: int
) -> None:
    """What the receiver refuses is not sent again; the next envelope's report counts it."""
    receiver.script = [Reply(status)]
    telemetry.start()
    capture(1)
    assert wait_until(lambda: receiver.requests >= 1 and not telemetry.waiting())
    capture(1, start=1)
    sentry_sdk.flush(10)
    assert receiver.messages == ["failure 1"]
    assert receiver.lost == {("error", "send_error"): 1}


def test_retry_after_is_obeyed(receiver: Receiver, telemetry: Telemetry) -> None:
    """After a 429 nothing is sent until its time is over, then everything."""
    receiver.script = [Reply(429, {"Retry-After": "120"})]
    transport = telemetry.start()
    messages = capture(30)
    assert wait_until(lambda: not transport.is_healthy())
    sentry_sdk.flush(10)
    assert receiver.requests == 1
    telemetry.time.ahead = 119
    sentry_sdk.flush(10)
    assert receiver.requests == 1
    telemetry.time.ahead = 121
    sentry_sdk.flush(10)
    assert receiver.messages == messages
    assert receiver.lost == {}


def test_429_without_word_waits_a_minute(receiver: Receiver, telemetry: Telemetry) -> None:
    """A 429 that does not say how long holds everything for a minute."""
    receiver.script = [Reply(429)]
    transport = telemetry.start()
    messages = capture(3)
    assert wait_until(lambda: not transport.is_healthy())
    telemetry.time.ahead = 59
    sentry_sdk.flush(5)
    assert receiver.requests == 1
    telemetry.time.ahead = 61
    sentry_sdk.flush(5)
    assert receiver.messages == messages


def test_category_limit_holds_only_its_category(receiver: Receiver, telemetry: Telemetry) -> None:
    """A limit for transactions lets errors pass; the transactions come later."""
    receiver.script = [Reply(429, {"X-Sentry-Rate-Limits": "600:transaction;span:organization"})]
    transport = telemetry.start(traces_sample_rate=1.0)
    with sentry_sdk.start_transaction(op="task", name="held"):
        pass
    assert wait_until(lambda: not transport.is_healthy())
    messages = capture(2)
    sentry_sdk.flush(5)
    assert receiver.messages == messages
    assert receiver.of("transaction") == []
    telemetry.time.ahead = 601
    sentry_sdk.flush(5)
    assert [one["transaction"] for one in receiver.of("transaction")] == ["held"]
    assert receiver.lost == {}


def test_losses_in_the_sdk_are_told(receiver: Receiver, telemetry: Telemetry) -> None:
    """What the SDK itself drops is in the client report."""
    telemetry.start(before_send=lambda event, hint: None if "drop" in str(event) else event)
    sentry_sdk.capture_message("drop me")
    capture(1)
    sentry_sdk.flush(10)
    assert receiver.lost == {("error", "before_send"): 1}


def test_report_waits_for_the_next_start(receiver: Receiver, telemetry: Telemetry) -> None:
    """Losses that could not be told before the end are told by the next run."""
    receiver.stop()
    telemetry.start(before_send=lambda event, hint: None)
    sentry_sdk.capture_message("dropped")
    telemetry.stop()
    receiver.start()
    telemetry.start()
    assert wait_until(lambda: receiver.lost == {("error", "before_send"): 1})


def test_flush_returns_at_once_when_the_receiver_is_away(
    receiver: Receiver, telemetry: Telemetry
) -> None:
    """Flush does not wait for a receiver that is known to be away: the spool has it all."""
    receiver.stop()
    telemetry.retry_after = 30.0
    telemetry.start()
    capture(5)
    sentry_sdk.flush(20)
    began = time.monotonic()
    sentry_sdk.flush(20)
    assert time.monotonic() - began < 10
    assert len(telemetry.waiting()) == 5


def test_next_run_sends_what_the_last_one_left(receiver: Receiver, telemetry: Telemetry) -> None:
    """Envelopes of a run that ended while the receiver was away are sent by the next."""
    receiver.stop()
    telemetry.start()
    messages = capture(10)
    telemetry.stop()
    receiver.start()
    telemetry.start()
    assert arrived(receiver, messages)
    assert receiver.messages == messages
    assert wait_until(lambda: not telemetry.waiting())


def test_bounds_give_up_the_oldest_and_count(receiver: Receiver, telemetry: Telemetry) -> None:
    """Captured equals arrived plus reported lost when the spool is too small."""
    receiver.stop()
    telemetry.settings = telemetry.settings.model_copy(update={"spool_bytes": 20_000})
    telemetry.start()
    messages = capture(100)

    def held() -> int:
        size = 0
        for file in telemetry.waiting():
            with suppress(OSError):  # it gets its name, or is given up, just now
                size += entry.size if (entry := entry_of(file)) else 0
        return size

    assert wait_until(lambda: 0 < held() <= 20_000)
    receiver.start()
    assert wait_until(lambda: not telemetry.waiting())
    sentry_sdk.flush(10)
    kept = len(receiver.messages)
    assert 0 < kept < 100
    assert set(receiver.messages) == set(messages[-kept:])
    assert receiver.lost == {("error", "cache_overflow"): 100 - kept}


def test_age_gives_up_and_counts(receiver: Receiver, telemetry: Telemetry) -> None:
    """What has waited longer than the setting is not sent, and counted."""
    receiver.stop()
    telemetry.start()
    capture(3)
    telemetry.stop()
    telemetry.time.ahead = 8 * 86_400
    receiver.start()
    telemetry.start()
    messages = capture(1, start=3)
    sentry_sdk.flush(10)
    assert receiver.messages == messages
    assert receiver.lost == {("error", "cache_overflow"): 3}


def test_transport_does_not_trace_itself(receiver: Receiver, telemetry: Telemetry) -> None:
    """Sending makes no spans, breadcrumbs or further envelopes, with all hooks of the SDK on."""
    telemetry.start(traces_sample_rate=1.0, default_integrations=True, enable_logs=True)
    for number in range(3):
        capture(1, start=number)
        sentry_sdk.flush(10)
    assert [item.type for item in receiver.items] == ["event"] * 3
    assert not any(event.get("breadcrumbs", {}).get("values") for event in receiver.of("event"))


def test_capture_never_raises(receiver: Receiver, telemetry: Telemetry) -> None:
    """An envelope that cannot be written in JSON costs its item, not the caller."""
    transport = telemetry.start()
    envelope = sentry_sdk.envelope.Envelope()
    envelope.add_item(sentry_sdk.envelope.Item(payload=b"x", type="attachment", filename="a.txt"))
    envelope.items[0].headers["broken"] = float("nan")
    transport.capture_envelope(envelope)
    sentry_sdk.flush(10)
    assert receiver.lost == {("attachment", "internal_sdk_error"): 1}
