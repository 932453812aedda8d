"""Steps of a trace on one axis."""

from __future__ import annotations

from typing import Any

import pytest

from tux.station.queries.waterfall import AXIS, DEEPEST, Mark, Step, Waterfall, lay_out


def step(span: str, parent: str | None, start: float, duration: float, **facts: Any) -> Step:
    """Make a step; times in milliseconds after noon."""
    return Step(
        span, "op", "ok", 1e9 + start / 1000, duration, span, parent, facts.pop("is_root", False)
    )


def test_steps_stand_below_their_parents() -> None:
    """Children follow their parent in the order of time, each with its place on the axis."""
    found = lay_out(
        [
            step("root", None, 0, 100, is_root=True),
            step("b", "root", 50, 50),
            step("a", "root", 10, 20),
            step("a1", "a", 15, 5),
        ],
        [
            {"span_id": "a1", "event_id": "e", "title": "T", "timestamp": 1e9 + 0.02},
            {"span_id": "unknown", "event_id": "f", "title": "U", "timestamp": 1e9 + 99},
        ],
    )
    assert [(one.name, one.depth, one.left, one.width) for one in found.steps] == [
        ("root", 0, 0.0, AXIS),
        ("b", 1, 500.0, 500.0),
        ("a", 1, 100.0, 200.0),
        ("a1", 2, 150.0, 50.0),
    ]
    assert found.steps[3].errors == (Mark("e", "T", 200.0),)
    assert found.steps[0].errors == (Mark("f", "U", AXIS),)
    assert found.duration == pytest.approx(100)


def test_nothing_is_laid_out() -> None:
    """A trace of which only errors are known has no steps."""
    assert lay_out([], []) == Waterfall()


def test_a_circle_of_parents_is_cut() -> None:
    """Every step is there once, whatever the ids say."""
    steps = [
        step("root", None, 0, 9, is_root=True),
        step("a", "b", 1, 1),
        step("b", "a", 1, 1),
        step("self", "self", 1, 1),
        step("lost", "nowhere", 1, 1),
        step("a", "root", 2, 1),
    ]
    found = lay_out(steps, [])
    assert sorted(one.name for one in found.steps) == ["a", "a", "b", "lost", "root", "self"]


def test_a_long_chain_is_not_indented_for_ever() -> None:
    """A thousand levels are shown without a thousand steps to the right, or of the stack."""
    steps = [step(str(n), str(n - 1), n, 1) for n in range(1000)]
    found = lay_out(steps, [])
    assert len(found.steps) == 1000
    assert max(one.depth for one in found.steps) == DEEPEST


@pytest.mark.parametrize("start", [-1e308, 1e308, 1e15, -1e15])
@pytest.mark.parametrize("duration", [0.0, 1.0, 86_400_000.0])
def test_impossible_times_stay_on_the_axis(start: float, duration: float) -> None:
    """A step whose clock is wrong neither leaves the axis nor stretches it."""
    root = step("root", None, 0, 100, is_root=True)
    found = lay_out([step("odd", "root", start, duration), root], [])
    assert found.duration == pytest.approx(100)
    for one in found.steps:
        assert 0 <= one.left <= one.left + one.width <= AXIS
