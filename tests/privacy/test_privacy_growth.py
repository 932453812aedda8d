"""Time grows with a text's length and no faster, whatever the text is made of."""

from __future__ import annotations

import json
import statistics
import time
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.privacy.harmless import HARMLESS
from tests.privacy.hostile import UNITS, repeated
from tests.privacy.kinds import KINDS, SETTINGS

from tux.services.sentry.scrubbing.attachments import scrubbed_bytes
from tux.services.sentry.scrubbing.scrubber import MAX_TEXT, Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable

GENEROUS = 6
"""How much faster than linear a time may seem to grow: caches, other programs."""
ROUNDS = 5


def test_hostile_texts_are_finished() -> None:
    """20 KB of any beginning of a pattern are done, in a text, as a variable and as an attachment."""
    scrubber = Scrubber(SETTINGS)
    for unit in UNITS:
        text = repeated(unit, 20_000)
        told = scrubber.event({"message": text, "vars": {"held": [repr(text[:2_000])]}})
        # A marker for each piece that is found, and no more of them than are left of one.
        assert len(json.dumps(told)) < 200_000
        assert len(scrubbed_bytes(text[:2_000].encode(), scrubber)) < 20_000


def test_text_past_its_bound_is_cut() -> None:
    """Of a text that is too long the beginning is looked at, and the rest does not leave."""
    told = Scrubber().text("ä" * (MAX_TEXT + 7))
    assert told == "ä" * MAX_TEXT + "…"


def test_deep_tree_ends() -> None:
    """Data that is nested too deep ends in a marker."""
    tree: Any = "ada.lovelace@example.org"
    for _ in range(200):
        tree = {"a": [tree]}
    assert "[removed: too deep]" in repr(Scrubber().event(tree))


@pytest.mark.long
@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_time_of_a_text_is_linear(unit: str) -> None:
    """Sixteen times the text takes about sixteen times as long."""
    small, large = repeated(unit, 10_000), repeated(unit, 160_000)
    scrub = Scrubber(SETTINGS)._rules.scrubbed
    ratio = _median(lambda: scrub(large)) / _median(lambda: scrub(small))
    assert ratio < 16 * GENEROUS


@pytest.mark.long
@pytest.mark.parametrize("length", [100_000, 1_000_000])
def test_time_of_an_event_is_linear(length: int) -> None:
    """A hundred times the data takes about a hundred times as long."""
    small, large = _event(10_000), _event(length)
    ratio = _median(lambda: Scrubber(SETTINGS).event(large)) / _median(
        lambda: Scrubber(SETTINGS).event(small)
    )
    assert ratio < length / 10_000 * GENEROUS


@pytest.mark.long
def test_time_of_an_attachment_is_linear() -> None:
    """A hundred times the bytes take about a hundred times as long."""
    small, large = (repr(_event(length)).encode() for length in (10_000, 1_000_000))
    ratio = _median(lambda: scrubbed_bytes(large, Scrubber(SETTINGS))) / _median(
        lambda: scrubbed_bytes(small, Scrubber(SETTINGS))
    )
    assert ratio < 100 * GENEROUS


def _event(length: int) -> dict[str, Any]:
    """Write texts of all sorts, a tenth of them with a secret, up to a length."""
    chance, written = Random(length), 0
    texts: list[str] = []
    kinds = list(KINDS.values())
    while written < length:
        text = f"{len(texts)} {chance.choice(HARMLESS)}"
        if len(texts) % 10 == 0:
            text += f" {chance.choice(kinds)(chance).text}"
        texts.append(text)
        written += len(text)
    return {"extra": {f"list {number}": texts[number::100] for number in range(100)}}


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        # Of this thread alone: the machine may be busy.
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
    return statistics.median(times)
