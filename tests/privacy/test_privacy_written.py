"""However data is written, the same leaves, and the same is suspected."""

from __future__ import annotations

import enum
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.privacy.forms import FORMS
from tests.privacy.harmless import HARMLESS
from tests.privacy.hostile import UNITS, repeated
from tests.privacy.kinds import KINDS, SETTINGS

from tux.services.sentry.scrubbing import written as module
from tux.services.sentry.scrubbing.scrubber import Scrubber
from tux.services.sentry.scrubbing.written import as_json, holds_longer, strictly_written, written

SCRUBBER = Scrubber(SETTINGS)
SIGNS = [*map(chr, range(160)), "é", "…", "\u2028", "\ufeff", "🐧", "\ud83d", "\xa0"]
TEXTS = st.text(max_size=30) | st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Colour(enum.Enum):
    RED = "token=penguin-7-in-the-snow"


class Answer(enum.IntEnum):
    ALL = 42


class Text(str):
    __slots__ = ()


@dataclass
class Held:
    token: str = "penguin"


def _slowly(data: Any) -> bytes:
    told = strictly_written(data)
    assert told is not None
    return told


@given(TREES)
@example("".join(SIGNS))
@example({"é": "ü" * 500, "\x7f": "\x7f"})
@example([10**40, -(10**40), 1e16, 1e-7, 1e300])
@example(repeated("🐧ä", 2_000))
def test_both_writers_say_the_same(tree: Any) -> None:
    """What orjson writes is ASCII, and reads as what the standard library writes."""
    told = as_json(tree)
    assert told.isascii()
    assert json.loads(told) == json.loads(_slowly(tree))


def test_texts_are_spelled_the_same() -> None:
    """Texts of all kinds, in every form, are the same bytes: the look at JSON relies on it."""
    chance = Random(7)
    samples = [make(chance).text for make in KINDS.values()]
    texts = [*HARMLESS, *SIGNS, *samples, *(repeated(unit, 600) for unit in UNITS)]
    texts += [spell(text) for spell in FORMS.values() for text in samples]
    for text in texts:
        assert as_json([text]) == _slowly([text]), text


@pytest.mark.parametrize(
    "tree", [{Text("a"): Text("b")}, {1: 2, None: 3}, (1, 2), [Answer.ALL]], ids=str
)
def test_what_only_one_writes_is_written(tree: Any) -> None:
    """Names that are no texts and what is derived from texts and numbers is written as before."""
    assert as_json(tree) == _slowly(tree)


def test_what_is_no_json_is_refused() -> None:
    """Objects, times and circles are not written: the scrubber describes them."""
    circle: list[Any] = []
    circle.append(circle)
    for data in (object(), Held(), datetime.now(UTC), b"x", {1, 2}, circle):
        assert written([data]) is None, data
    assert strictly_written([uuid.uuid4()]) is None
    told = SCRUBBER.serialised({"held": Held(), "when": datetime(2026, 1, 2, tzinfo=UTC)})
    assert b"penguin" not in told
    assert b"2026-01-02 00:00:00+00:00" in told


def test_ids_and_choices_are_looked_at_as_they_are_written() -> None:
    """A UUID leaves as its text; of a choice its value is looked at, which is what would leave."""
    id_ = uuid.uuid4()
    assert json.loads(SCRUBBER.serialised({"a": id_})) == {"a": str(id_)}
    assert SCRUBBER.event({"a": id_}) == {"a": str(id_)}
    assert b"penguin" not in SCRUBBER.serialised({"a": Colour.RED})


def test_numbers_that_json_has_not_are_nothing() -> None:
    """Instead of a whole event, what is not a number is lost."""
    tree = {"a": float("nan"), "b": [float("inf")], "message": "left by ada@x.example"}
    assert json.loads(SCRUBBER.serialised(tree))["b"] == [None]
    assert json.loads(SCRUBBER.serialised(tree))["a"] is None


def test_without_the_fast_writer_the_same_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where orjson is not installed the standard library writes."""
    chance = Random(8)
    tree = {"message": "é", "extra": {kind: make(chance).text for kind, make in KINDS.items()}}
    told = Scrubber(SETTINGS).serialised(tree)
    monkeypatch.setattr(module, "orjson", None)
    assert Scrubber(SETTINGS).serialised(tree) == told


def test_long_texts_are_told() -> None:
    """No text longer than the bound is missed, wherever it stands and whatever quotes are in it."""
    for before in (0, 40, 60, 99, 1_000):
        for text in ("x" * 101, '"' * 101, 'x\\"' * 40):
            assert holds_longer(as_json(["y" * 30] * (before // 32) + [text]), 100)
    assert not holds_longer(as_json(["word"] * 1_000), 100)
