"""When the scrubber itself fails, the bare bones of an event leave, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from tests.fakes.receiver import items_of
from tests.fakes.telemetry import Telemetry

from tux.services.sentry.delivery.bare_bones import minimal_event
from tux.services.sentry.delivery.envelopes import pack
from tux.services.sentry.scrubbing import texts
from tux.services.sentry.scrubbing.scrubber import Scrubber

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.receiver import Receiver

TOKEN = "ghp_7h1s1s4n07h3r53cr37w1th0utus3000000"


@pytest.fixture
def _failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rule raise on every text that has a sign."""

    def raises(text: str) -> str:
        raise ZeroDivisionError(text)

    monkeypatch.setattr(texts, "numbers", raises)


@pytest.mark.usefixtures("_failing")
def test_event_leaves_as_its_bare_bones(receiver: Receiver, tmp_path: Path) -> None:
    """Ids, type, level, release, environment and the place of the failure arrive."""
    telemetry = Telemetry(receiver.dsn, tmp_path)
    telemetry.start(environment="production")
    sentry_sdk.set_tag("secret", f"1 {TOKEN}")
    try:
        int(f"1: {TOKEN}")
    except ValueError as error:
        event_id = sentry_sdk.capture_exception(error)
    sentry_sdk.flush(10)
    telemetry.stop()
    (event,) = receiver.of("event")
    assert event.pop("event_id") == event_id
    assert event.pop("timestamp")
    assert len(event.pop("contexts").pop("trace").pop("trace_id")) == 32
    (value,) = event.pop("exception")["values"]
    (frame,) = value.pop("stacktrace")["frames"]
    assert frame.pop("lineno") > 0
    assert frame == {"module": __name__, "function": test_event_leaves_as_its_bare_bones.__name__}
    assert value == {"type": "ValueError"}
    assert event == {
        "level": "error",
        "platform": "python",
        "release": "tux@1.0.0",
        "environment": "production",
        "tags": {"tux.scrubbing": "failed"},
    }
    assert TOKEN.encode() not in b"".join(receiver.bodies)


@pytest.mark.usefixtures("_failing")
def test_transaction_leaves_as_its_bare_bones(receiver: Receiver, tmp_path: Path) -> None:
    """A transaction keeps its ids and times; its names and spans stay at home."""
    telemetry = Telemetry(receiver.dsn, tmp_path)
    telemetry.start(traces_sample_rate=1.0)
    with (
        sentry_sdk.start_transaction(op="command", name=f"1 {TOKEN}"),
        sentry_sdk.start_span(op="db", name=f"1 {TOKEN}"),
    ):
        pass
    sentry_sdk.flush(10)
    telemetry.stop()
    (transaction,) = receiver.of("transaction")
    assert transaction["type"] == "transaction"
    assert transaction["start_timestamp"] < transaction["timestamp"]
    assert transaction["contexts"]["trace"].keys() <= {"trace_id", "span_id", "parent_span_id"}
    assert transaction.keys().isdisjoint({"spans", "transaction", "user"})
    assert TOKEN.encode() not in b"".join(receiver.bodies)


RULES = {
    "private_keys": "PRIVATE KEY",
    "tokens_in_paths": "webhooks/1",
    "discord_tokens": "a.b",
    "url_credentials": "https://x",
    "url_queries": "?a",
    "emails": "@",
    "numbers": "1",
    "schemes": "Bearer x",
    "statements": "(1",
    "scrub_pairs": "token 1",
    "scrub_assignments": "token=1",
    "keys": "abcdefghijklmnop1",
    "unspelled": "abcdefghijklmnop1",
    "out_of_base64": "abcdefghijklmnop1",
    "without_mistakable_tail": "1...",
    "without_cut_tail": "1...",
}
"""A rule → what a text holds for it to be asked."""


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "type_",
    [
        "event",
        "transaction",
        "check_in",
        "session",
        "log",
        "trace_metric",
        "feedback",
        "attachment",
    ],
)
def test_each_rule_may_fail(rule: str, type_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever rule raises, of each kind of item its bare bones leave, and nothing is lost."""

    def raises(*_: object) -> str:
        raise ValueError(rule)

    monkeypatch.setattr(texts, rule, raises)
    said = f"{TOKEN} {RULES[rule]}"
    trace_id, lost = "4bf92f3577b34da6a3ce929d0e0e4736", []
    feedback = {"message": said, "associated_event_id": trace_id}
    metric = {"timestamp": 1.5, "type": "counter", "value": 7, "trace_id": trace_id}
    line = {"timestamp": 1.5, "level": "info", "trace_id": trace_id}
    data = {
        "event": {"event_id": trace_id, "message": said, "level": "error"},
        "transaction": {"event_id": trace_id, "type": "transaction", "transaction": said},
        "check_in": {"check_in_id": trace_id, "monitor_slug": "clean-up", "status": "ok", "x": said},
        "session": {"sid": trace_id, "status": "exited", "attrs": {"release": "tux@1.0.0", "x": said}},
        "log": {"items": [{**line, "body": "ready"}, {**line, "body": said}]},
        "trace_metric": {"items": [{**metric, "name": "ready"}, {**metric, "name": said}]},
        "feedback": {"event_id": trace_id, "contexts": {"feedback": feedback}},
        "attachment": None,
    }[type_]  # fmt: skip
    payload = said.encode() if data is None else PayloadRef(json=data)
    item = Item(payload, type=type_, filename=trace_id)
    parcel = pack(Envelope({}, [item]), Scrubber(), lambda *loss: lost.append(loss))
    assert parcel is not None
    assert not lost
    assert TOKEN.encode() not in parcel.body
    assert trace_id.encode() in parcel.body
    words = parcel.body.count(b"[removed: scrubbing failed]")
    assert words == (type_ in ("log", "feedback", "attachment"))
    if type_ in ("log", "trace_metric"):
        (told,) = items_of(parcel.body)
        assert next(one.get("body", one.get("name")) for one in told.json["items"]) == "ready"
        assert len(told.json["items"]) == 2


@pytest.mark.usefixtures("_failing")
def test_what_has_no_bare_bones_is_counted_as_lost() -> None:
    """A kind that nobody knows is lost, and counted; a line stands for an attachment."""
    event = Item(PayloadRef(json={"event_id": "ab" * 16, "message": f"1 {TOKEN}"}), type="event")
    note = Item(f"1 {TOKEN}".encode(), type="attachment", filename=f"{TOKEN}.txt")
    other = Item(PayloadRef(json={"of": f"1 {TOKEN}"}), type="replay_event")
    lost: list[object] = []
    parcel = pack(
        Envelope({"event_id": "ab" * 16, "trace": {"release": f"1 {TOKEN}"}}, [event, note, other]),
        Scrubber(),
        lambda reason, losses: lost.extend((reason, one.category) for one in losses),
    )
    assert parcel is not None
    assert [item.type for item in items_of(parcel.body)] == ["event", "attachment"]
    assert items_of(parcel.body)[1].payload == b"[removed: scrubbing failed]"
    assert json.loads(parcel.body.partition(b"\n")[0]) == {"event_id": "ab" * 16}
    assert lost == [("internal_sdk_error", "default")]
    assert TOKEN.encode() not in parcel.body


def test_bare_bones_keep_nothing_but_forms() -> None:
    """A field that has not the form which it should have is left out."""
    said: Any = {
        "event_id": TOKEN,
        "level": f"error {TOKEN}",
        "release": "x" * 500,
        "environment": f"at home, {TOKEN}",
        "type": 7,
        "contexts": {"trace": {"trace_id": TOKEN, "span_id": ["a"]}, "api": {"token": TOKEN}},
        "exception": {
            "values": [
                {"type": "a b", "value": TOKEN, "stacktrace": {"frames": [{"function": f"({TOKEN})"}, 7]}},
                None,
            ]
        },
    }  # fmt: skip
    assert minimal_event(said) == {
        "exception": {"values": [{"stacktrace": {"frames": [{}, {}]}}, {"stacktrace": {"frames": []}}]},
        "tags": {"tux.scrubbing": "failed"},
    }  # fmt: skip
    assert minimal_event({"exception": {"values": 7}, "contexts": 7})["tags"]
