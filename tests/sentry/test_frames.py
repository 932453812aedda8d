"""Variables of a frame are described as the SDK would, and those of quiet frames are not looked at."""

from __future__ import annotations

import sys
from collections import OrderedDict, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sentry_sdk import serializer
from sentry_sdk.serializer import serialize
from sentry_sdk.utils import event_from_exception
from tests.fakes.sent import raised

from tux.services.sentry import capture_exception, frames
from tux.services.sentry.frames import FAILED, describe_frame
from tux.services.sentry.variables import describe, describe_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.sent import Sent


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stand in for what the SDK asks, of which a process has one list."""
    asked: list[Any] = []
    monkeypatch.setattr(serializer, "global_repr_processors", asked)
    return asked


class Telling:
    """Counts how often it is asked."""

    asked = 0

    def __sentry_repr__(self) -> str:
        Telling.asked += 1
        return "told"


class Failing:
    def __sentry_repr__(self) -> str:
        raise LookupError


CIRCLE: list[Any] = [1]
CIRCLE.append(CIRCLE)
LEAVES = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text()
    | some.binary()
    | some.sampled_from(
        [Telling(), datetime(2026, 1, 1, tzinfo=UTC), describe, str, LookupError("a"), deque([1])]
    )
    | some.just(CIRCLE)
    | some.just(OrderedDict(a=[1], b=(2, {3})))
)
NAMES = some.text() | some.integers() | some.tuples(some.integers())
VALUES: some.SearchStrategy[Any] = some.recursive(
    LEAVES,
    lambda inner: (
        some.lists(inner, max_size=12) | some.tuples(inner) | some.dictionaries(NAMES, inner)
    ),
    max_leaves=40,
)


@given(values=some.dictionaries(some.text(), VALUES, max_size=12))
def test_as_the_sdk_does(values: dict[str, Any]) -> None:
    """Whatever a frame holds, it is told as by the SDK's own walk through it."""
    told = []
    before = list(serializer.global_repr_processors)
    try:
        for processor in (describe_whole, describe_frame):
            serializer.global_repr_processors[:] = [processor]
            told.append(serialize(values, is_vars=True, custom_repr=describe))
    finally:
        serializer.global_repr_processors[:] = before
    assert told[0] == told[1]


def test_only_frames(alone: list[Any]) -> None:
    """What is no frame's, or is described in somebody's own way, is left with the SDK."""
    alone.append(describe_frame)
    assert serialize({"extra": {"a": "b"}}, custom_repr=describe) == {"extra": {"a": "b"}}
    assert serialize({"a": "b"}, is_vars=True, custom_repr=lambda _: "own") == {"a": "own"}


def test_what_cannot_be_described(sent: Sent) -> None:
    """A variable that raises costs itself, and no other."""

    def work(_thing: object, number: int) -> None:
        raise LookupError(number)

    with pytest.raises(LookupError) as caught:
        work(Failing(), 3)
    capture_exception(caught.value)
    variables = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    assert variables == {"_thing": FAILED, "number": "3"}


@pytest.fixture
def asked() -> Iterator[type[Telling]]:
    Telling.asked = 0
    yield Telling
    Telling.asked = 0


@pytest.mark.parametrize(("module", "times"), [("discord.http", 0), ("shop", 1)])
def test_quiet_frames(alone: list[Any], asked: type[Telling], module: str, times: int) -> None:
    """In the SDK of this version, variables of a quiet module's frame are not even looked at."""
    alone.append(describe_frame)
    namespace = {"__name__": module, "held": Telling()}
    source = "def work(thing):\n    raise LookupError\n"
    exec(compile(source, "made.py", "exec"), namespace)  # a module of any name
    with pytest.raises(LookupError) as caught:
        namespace["work"](Telling())  # type: ignore[operator]  # it was made above
    error = caught.value.with_traceback(caught.tb.tb_next)
    options = {
        "include_local_variables": True,
        "include_source_context": False,
        "max_value_length": None,
        "custom_repr": describe,
    }
    event, _ = event_from_exception(error, client_options=options)
    (frame,) = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert frame["vars"] == ({"thing": "told"} if times else {})
    assert asked.asked == times


def test_another_sdk(alone: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the SDK's own functions have other names, all is described: the gate drops it."""
    alone.append(describe_frame)
    monkeypatch.setattr(frames, "_CALLERS", 0)
    assert serialize({"a": 1}, is_vars=True, custom_repr=describe) == {"a": "1"}
    assert frames._module(sys._getframe()) is None


def test_a_frame_of_ours(sent: Sent) -> None:
    """Over the real layer, variables arrive described."""
    capture_exception(raised(LookupError("a")))
    frame = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    assert frame["vars"]["error"] == "<builtins.LookupError>"
