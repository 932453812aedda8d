"""Envelopes are split as the specification says."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.station.conftest import envelope_of

from tux.station.errors import MalformedError, RequestRefusedError, TooLargeError
from tux.station.wire.documents import DEPTH, parse_json
from tux.station.wire.ingest import read_envelope
from tux.station.wire.limits import check_limits
from tux.station.wire.protocol import ITEMS, normalised_id, parse_envelope

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
DASHED = "9ec79c33-ec99-42ab-8353-589fcb2e04dc"


def payloads(body: bytes) -> list[bytes]:
    return [item.payload for item in parse_envelope(body).items]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_items_with_a_length(end: bytes) -> None:
    """A payload of known length may hold line feeds; the last line feed may be missing."""
    body = b'{}\n{"type":"attachment","length":3}\na\nb\n{"type":"event","length":2}\n{}' + end
    assert payloads(body) == [b"a\nb", b"{}"]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_items_without_a_length(end: bytes) -> None:
    """A payload without a length ends with its line."""
    body = b'{}\n{"type":"event"}\n{"a":1}\n{"type":"session"}\n{"b":2}' + end
    assert payloads(body) == [b'{"a":1}', b'{"b":2}']


def test_a_carriage_return_belongs_to_the_payload() -> None:
    """Only the line feed ends a payload."""
    assert payloads(b'{}\n{"type":"attachment"}\nhello\r\n') == [b"hello\r"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", []),
        (b"{}\n", []),
        (b'{}\n{"type":"attachment"}', [b""]),
        (b'{}\n{"type":"attachment","length":0}', [b""]),
        (b'{}\n{"type":"attachment","length":0}\n', [b""]),
        (b'{}\n{"type":"attachment","length":0}\n\n{"type":"x"}\n\n', [b"", b""]),
        (b'{}\n{"type":"attachment","length":null}\nab\n', [b"ab"]),
    ],
)
def test_empty_parts(body: bytes, expected: list[bytes]) -> None:
    """An envelope may have no items, and an item no payload."""
    assert payloads(body) == expected


@pytest.mark.parametrize("given_id", [ID, DASHED, ID.upper(), DASHED.upper()])
def test_ids_are_normalised(given_id: str) -> None:
    """A dashed id and an undashed one are the same id."""
    assert parse_envelope(json.dumps({"event_id": given_id}).encode()).event_id == ID


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x" * 32,
        "../../etc/passwd",
        ID + "0",
        DASHED + "0",
        "-" * 36,
        ID[:-1] + "\u0661",
        7,
        None,
    ],
)
def test_no_other_text_is_an_id(wrong: object) -> None:
    """What is no UUID is none, however like one it looks."""
    assert normalised_id(wrong) is None


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "the envelope is empty"),
        (b"\n", "invalid envelope header"),
        (b"[]", "it must be a JSON object"),
        (b"null\n", "it must be a JSON object"),
        (b"{}\n{}\n{}", "type is missing"),
        (b'{}\n{"type":7}\n{}', "type is missing"),
        (b'{}\n{"type":""}\n{}', "type is missing"),
        (b"{}\n\n", "invalid item header"),
        (b"{}\nnot json\n{}", "invalid item header"),
        (b'{}\n{"type":"event","length":5}\n{}', "the envelope ends inside an item"),
        (b'{}\n{"type":"event","length":1}\n{}\n', "no line feed after an item's payload"),
        (b'{}\n{"type":"event","length":-1}\n{}', "length is not a whole number"),
        (b'{}\n{"type":"event","length":2.0}\n{}', "length is not a whole number"),
        (b'{}\n{"type":"event","length":true}\n{}', "length is not a whole number"),
        (b'{}\n{"type":"event","length":"2"}\n{}', "length is not a whole number"),
        (b'{}\n{"type":"event","length":' + b"9" * 300 + b"}\n{}", "the envelope ends inside"),
        (b'{}\n{"type":"event","length":' + b"9" * 5000 + b"}\n{}", "a number"),
        (b'{"event_id":"../x"}\n', "event_id is not a UUID"),
        (b'{"a":NaN}\n', "a number"),
        (b'{"a":"\xff"}\n', "invalid UTF-8"),
        ("{}".encode("utf-16"), "invalid UTF-8"),
        (b"\xef\xbb\xbf{}", "invalid JSON"),
        (b"\x00" * 100, "invalid JSON"),
        (b'{"a":"' + b"a" * 9000 + b'"}\n', "a line of headers is longer"),
        (b"{" * 100_000, "a line of headers is longer"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, "nested"),
        (b"{}" + b'\n{"type":"x"}\n' * (ITEMS + 1), "more than"),
    ],
)
def test_broken_frames_are_refused_with_a_reason(body: bytes, cause: str) -> None:
    """What is not an envelope is refused, and the reason names what is wrong."""
    with pytest.raises(MalformedError) as refused:
        parse_envelope(body)
    assert cause in str(refused.value)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_has_a_limit(opening: str) -> None:
    """A document at the limit of nesting is read, one beyond it is not."""
    closing = {"[": "]"}.get(opening, "}")

    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert parse_json(nested(DEPTH))
    for depth in (DEPTH + 1, 900, 100_000):
        with pytest.raises(MalformedError, match="nested"):
            parse_json(nested(depth))


def test_the_number_of_values_has_a_limit() -> None:
    """A small text that becomes very many objects is refused."""
    with pytest.raises(MalformedError, match="more than"):
        parse_json(b"[" + b"[]," * 300_000 + b"1]")


def test_half_a_surrogate_pair_is_replaced() -> None:
    """Text that UTF-8 cannot hold is made storable; whole pairs are kept."""
    assert parse_json(rb'{"a":"\ud800", "b":"\ud83d\ude00"}') == {"a": "?", "b": "\U0001f600"}


@pytest.mark.parametrize(
    "items",
    [
        [("event", 1024 * 1024 + 1)],
        [("event", 10), ("transaction", 10)],
        [("event", 10), ("event", 10)],
        [("check_in", 100 * 1024 + 1)],
        [("check_in", 10), ("check_in", 10)],
        [("client_report", 100 * 1024 + 1)],
        [("client_report", 10)] * 101,
        [("session", 10)] * 60 + [("sessions", 10)] * 41,
        [("attachment", 1)] * 31,
        [("log", 12 * 1024 * 1024 + 1)],
        [("log", 10), ("log", 10)],
        [("span", 10)] * 26,
    ],
)
def test_items_over_their_limits(items: list[tuple[str, int]]) -> None:
    """Too large an item, and too many of a kind, are refused with the whole envelope."""
    body = envelope_of(*(({"type": kind}, b"x" * size) for kind, size in items))
    with pytest.raises(TooLargeError):
        check_limits(parse_envelope(body))


def test_items_at_their_limits() -> None:
    """What is just within the limits passes."""
    body = envelope_of(
        ({"type": "event"}, b"x" * 1024 * 1024),
        ({"type": "check_in"}, b"x" * 100 * 1024),
        *[({"type": "session"}, b"{}")] * 100,
        *[({"type": "attachment"}, b"")] * 30,
        ({"type": "unheard_of"}, b"x" * 5_000_000),
    )
    check_limits(parse_envelope(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.binary())
def test_any_bytes_are_split_or_refused(body: bytes) -> None:
    """Whatever comes, only a refusal comes out."""
    with suppress(MalformedError):
        parse_envelope(body)


@given(st.lists(st.binary()), st.data())
def test_what_is_framed_is_split_again(parts: list[bytes], data: st.DataObject) -> None:
    """Framing and splitting are each other's reverse; a cut frame is refused or loses its end."""
    body = envelope_of(*(({"type": "attachment"}, part) for part in parts))
    assert payloads(body) == parts
    cut = data.draw(st.integers(0, len(body)))
    with suppress(MalformedError):
        assert len(payloads(body[:cut])) <= len(parts)


KINDS = st.sampled_from(
    [
        *("event", "transaction", "feedback", "user_report", "session", "sessions", "check_in"),
        *("client_report", "log", "span", "attachment", "unheard_of"),
    ]
)
KEYS = st.sampled_from(
    [
        *("event_id", "exception", "values", "type", "value", "stacktrace", "frames", "module"),
        *("function", "filename", "in_app", "message", "logentry", "formatted", "fingerprint"),
        *("tags", "user", "id", "contexts", "trace", "trace_id", "span_id", "timestamp", "level"),
        *("start_timestamp", "spans", "op", "sid", "started", "attrs", "release", "aggregates"),
        *("exited", "check_in_id", "monitor_slug", "status", "duration", "monitor_config"),
        *("discarded_events", "category", "reason", "quantity", "items", "attributes", "body"),
        *("is_segment", "end_timestamp", "mechanism", "handled", "transaction", "feedback"),
    ]
)
VALUES = st.sampled_from(
    [ID, ID[:16], DASHED, "ok", "2026-11-24T03:00:00Z", 1.7e9, 1e300, -1, True]
)
LIKELY = st.recursive(
    JSON | VALUES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=40
)


@given(
    st.lists(st.tuples(KINDS, st.dictionaries(KEYS, LIKELY, max_size=12) | JSON), max_size=4),
    st.booleans(),
)
@settings(  # fuzz_parsers.py has more
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_items_are_read_or_refused(items: list[tuple[str, object]], spans: bool) -> None:  # noqa: FBT001  # hypothesis fills it in
    """Whatever stands in the items, rows or a refusal come out."""
    kind = {"content_type": "application/vnd.sentry.items.span.v2+json"} if spans else {}
    body = envelope_of(*(({"type": name, **kind}, payload) for name, payload in items))
    with suppress(RequestRefusedError):
        read_envelope(parse_envelope(body), 1_795_000_000.0)
