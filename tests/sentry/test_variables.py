"""What of a variable goes along, and that describing it neither waits nor swells."""

from __future__ import annotations

import enum
import fractions
import json
import pathlib
import uuid
from collections import OrderedDict, UserDict, deque
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import discord
import pytest
from tests.fakes.sent import raised

from tux.services.sentry import (
    add_breadcrumb,
    capture_exception,
    reporting,
    set_context,
    set_tag,
)
from tux.services.sentry.variables import (
    MOST_CHARACTERS,
    describe,
    describe_whole,
    limited_time,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.sent import Sent

DEEP = {"remaining_depth": 1}
LARGE = 50_000_000
LARGEST_EVENT = 200_000


class Colour(enum.Enum):
    RED = "red"


class Flag(enum.IntFlag):
    ONE = 1


class Named(str):
    """A text whose class has a mind of its own."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


class Own:
    """An object of the bot's own."""

    def __repr__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


DESCRIBED: list[tuple[object, str]] = [
    (None, "None"),
    (True, "True"),
    (17, "17"),
    (-1.5, "-1.5"),
    (fractions.Fraction(1, 3), "1/3"),
    ("word", "'word'"),
    (b"word", "b'word'"),
    (bytearray(b"word"), "b'word'"),
    (Named("word"), "'word'"),
    (date(2026, 11, 25), "datetime.date(2026, 11, 25)"),
    (uuid.UUID(int=1), "UUID('00000000-0000-0000-0000-000000000001')"),
    (pathlib.PurePosixPath("a/b"), "<pathlib.PurePosixPath>"),
    (Colour.RED, "<Colour.RED>"),
    (Flag.ONE, "<Flag.ONE>"),
    (raised, "<function raised>"),
    (Own, "<type Own>"),
    (json, "<module json>"),
    (Own(), f"<{__name__}.Own>"),
    (LookupError("secret"), "<builtins.LookupError>"),
    ([1, 2], "<builtins.list of 2>"),
    (OrderedDict(a=1), "<collections.OrderedDict of 1>"),
    (discord.Object(7), "<discord.object.Object 7>"),
    (1 << 100_000, "<int of 100001 bits>"),
    ("x" * (MOST_CHARACTERS + 1), f"'{'x' * MOST_CHARACTERS}'… ({MOST_CHARACTERS + 1})"),
]


@pytest.mark.parametrize(("value", "text"), DESCRIBED, ids=lambda part: str(type(part).__name__))
def test_described(value: object, text: str) -> None:
    """Plain values are told as they are, others by their class; no code of theirs runs."""
    assert describe(value) == text


def test_an_object_that_might_sleep(sent: Sent) -> None:
    """Its repr is not called at all: whoever sleeps in it would hold the loop."""
    slept: list[bool] = []

    class Sleeping:
        def __repr__(self) -> str:
            slept.append(True)
            return "awake"

    def work(_thing: object, number: int) -> NoReturn:
        raise LookupError(number)

    with pytest.raises(LookupError) as caught:
        work(Sleeping(), 3)
    capture_exception(caught.value)
    variables = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    assert variables["number"] == "3"
    assert variables["_thing"].endswith(".Sleeping>")
    assert slept == []


class Lazy(UserDict[str, int]):
    """A mapping that asks somebody for what it has."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError


class Listed(list[int]):
    """A list with a mind of its own."""

    def __iter__(self) -> Iterator[int]:
        raise AssertionError


class Counted(dict[str, int]):
    """A dictionary that goes through itself as all do."""


class Point(NamedTuple):
    x: int


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Lazy(), f"<{__name__}.Lazy>"),
        (Listed([1]), f"<{__name__}.Listed>"),
        ({Own(): 1}, "<builtins.dict of 1>"),
        ({(1, Own()): 1}, "<builtins.dict of 1>"),
        ({(1, "a"): 1}, {"…": "1"}),
        (Counted(one=1), {"one": "1"}),
        (Point(3), ["3"]),
        (deque([3]), "<collections.deque of 1>"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_containers_of_the_bots_own(sent: Sent, value: object, told: object) -> None:
    """Those that run code of their own when they are walked through are told by their class."""

    def work(_thing: object) -> NoReturn:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        work(value)
    capture_exception(caught.value)
    variables = sent.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    assert variables["_thing"] == told


def test_a_capture_has_its_time() -> None:
    """What there is no time for any more is told by its class; the next capture has its own time."""
    with limited_time(60):
        with limited_time(-1):
            assert describe_whole([1], DEEP) == "<builtins.list of 1>"
        assert describe_whole([1], DEEP) is NotImplemented
    assert describe_whole([1], DEEP) is NotImplemented


def test_the_time_is_for_variables_alone(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is over before it begins, breadcrumbs and contexts are as whole as ever."""
    monkeypatch.setattr(reporting, "DESCRIBING_SECONDS", -1.0)
    add_breadcrumb("before", data={"list": [1]})

    def work(_thing: object) -> NoReturn:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        work([1])
    capture_exception(caught.value, extra_context={"list": [1]})
    event = sent.event
    variables = event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    assert variables["_thing"] == "<builtins.list of 1>"
    assert event["breadcrumbs"]["values"][-1]["data"] == {"list": [1]}
    assert event["contexts"]["extra_context"] == {"list": [1]}


def _large(place: str) -> Exception:
    text: Any = "x" * LARGE
    if place == "nested":
        text = [[[[[[text] * 1000]]]]]
    if place == "message":
        return raised(LookupError(text))
    if place == "breadcrumb":
        add_breadcrumb(text)
    if place == "context":
        set_context("large", {"text": text, "list": [text] * 50})
    if place == "tag":
        set_tag("large", text)
    return raised(LookupError("small"))


@pytest.mark.parametrize("place", ["variable", "nested", "message", "breadcrumb", "context", "tag"])
def test_fifty_megabytes(sent: Sent, place: str) -> None:
    """Whatever is large, wherever it stands, the event arrives and is small."""

    def work() -> None:
        local = _large("nested") if place == "nested" else "x" * LARGE
        assert local
        capture_exception(_large(place))

    work()
    assert sent.event["level"] == "error"
    (body,) = (body for body in sent.receiver.bodies if b'"exception"' in body)
    assert len(body) < LARGEST_EVENT
