"""What is spared the SDK's serialiser looks as if it had been through it."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from hypothesis import given
from hypothesis import strategies as some
from sentry_sdk._types import AnnotatedValue
from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.serializer import global_repr_processors, serialize

from tux.services.sentry import add_breadcrumb, capture_exception
from tux.services.sentry.settled import Settling, settle
from tux.services.sentry.variables import describe

if TYPE_CHECKING:
    from tests.fakes.sent import Sent

LONGEST = 32
CIRCLE: dict[str, Any] = {}
CIRCLE["again"] = CIRCLE
WHEN = datetime(2026, 1, 1, tzinfo=UTC)
LEAVES = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False)
    | some.text(max_size=2 * LONGEST)
    | some.binary(max_size=5)
    | some.just(WHEN)
    | some.just("é" * 20)
    | some.sampled_from([{1}, object, describe])
)
NAMES = some.text(max_size=5) | some.integers()
VALUES: some.SearchStrategy[Any] = some.recursive(
    LEAVES,
    lambda inner: (
        some.lists(inner, max_size=12)
        | some.tuples(inner)
        | some.dictionaries(NAMES, inner, max_size=12)
    ),
    max_leaves=40,
)
SECTIONS = some.sampled_from(
    ["exception", "contexts", "tags", "extra", "request", "spans", "user", "timestamp"]
)
EVENTS = some.dictionaries(SECTIONS, VALUES)


@given(event=EVENTS, crumbs=some.lists(VALUES, max_size=3))
def test_as_the_sdk_does(event: dict[str, Any], crumbs: list[Any]) -> None:
    """Every event, with what was cut and noted of it, is what it would be without."""
    event |= {"breadcrumbs": {"values": crumbs}}
    plain = serialize(copy.deepcopy(event), max_value_length=LONGEST, custom_repr=describe)
    settle(event, LONGEST)
    assert serialize(event, max_value_length=LONGEST, custom_repr=describe) == plain


@pytest.mark.parametrize("section", ["contexts", "extra", "breadcrumbs"])
def test_circles(section: str) -> None:
    """What holds itself is left to the SDK, which says so."""
    event = {section: {"values": [CIRCLE], "circle": CIRCLE}}
    settle(event, LONGEST)
    assert "cyclic" in str(serialize(event))


def test_others_are_asked_first() -> None:
    """The scrubber that stood there scrubs, and what it has put in place arrives as the SDK has it."""
    event: dict[str, Any] = {"user": {"password": "a"}, "extra": {"token": "b"}, "tags": {"a": "b"}}
    Settling(EventScrubber(), None).scrub_event(event)
    assert isinstance(event["extra"]["token"], AnnotatedValue)
    assert serialize(event)["user"] == {"password": "[Filtered]"}
    assert serialize(event)["tags"] == {"a": "b"}


def test_nobody_was_there() -> None:
    """With no scrubber, as where ``data_collection`` is chosen, events are marked all the same."""
    event: dict[str, Any] = {"tags": {"a": "b"}}
    Settling(None, None).scrub_event(event)
    assert hasattr(event["tags"], "__sentry_repr__")
    assert event == {"tags": {"a": "b"}}


def test_others_who_describe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody else describes values for the SDK, too, it goes through all of them."""

    def shout(value: Any, _: Any) -> Any:
        return value.upper() if isinstance(value, str) else NotImplemented

    monkeypatch.setattr("tux.services.sentry.settled.global_repr_processors", [shout])
    event: dict[str, Any] = {"extra": {"a": "b"}}
    Settling(None, None).scrub_event(event)
    assert not hasattr(event["extra"], "__sentry_repr__")


def test_breadcrumbs_stay_as_they_were(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hook changes in the breadcrumbs of one event is not changed in the next."""
    options = sentry_sdk.get_client().options
    before = options["before_send"]

    def spoil(event: Any, hint: Any) -> Any:
        for crumb in event["breadcrumbs"]["values"]:
            crumb["data"]["said"].append("spoilt")
        return before(event, hint)

    monkeypatch.setitem(options, "before_send", spoil)
    add_breadcrumb("before", data={"said": [1]})
    for error in (LookupError("a"), KeyError("b")):
        capture_exception(error)
    for event in sent.events:
        (crumb,) = event["breadcrumbs"]["values"]
        assert crumb["data"] == {"said": [1, "spoilt"]}
        assert crumb["timestamp"].endswith("Z")


def test_it_stands_in_the_client(sent: Sent) -> None:
    """The layer's client marks events, and nobody else's way to describe is known to it."""
    del sent
    assert isinstance(sentry_sdk.get_client().options["event_scrubber"], Settling)
    assert [one.__name__ for one in global_repr_processors] == ["describe_frame"]
