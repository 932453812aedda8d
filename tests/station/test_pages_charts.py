"""Where bars and lines stand."""

from __future__ import annotations

import math

import pytest

from tux.station.pages.charts import (
    COUNTS,
    DURATIONS,
    FAILURES,
    HEIGHT,
    SHARES,
    Axis,
    Series,
    lines,
    stacked,
)

AXIS = Axis((0.0, 1800.0), 1800.0, lambda start, end: f"/x?{start:.0f}-{end:.0f}")


@pytest.mark.parametrize(
    ("values", "heights"),
    [
        ([0, 0], ("2", "1", "0")),
        ([1, 0], ("2", "1", "0")),
        ([3, 4], ("4", "2", "0")),
        ([5, 0], ("6", "3", "0")),
        ([90, 10], ("100", "50", "0")),
    ],
)
def test_counts_have_whole_heights(values: list[float], heights: tuple[str, ...]) -> None:
    """Of things that are counted there is no half."""
    assert stacked(AXIS, [Series("errors", "bad", values)], "", COUNTS).heights == heights


@pytest.mark.parametrize(
    ("value", "top"),
    [(0.03, "40 µs"), (3, "4.0 ms"), (900, "1.0 s"), (1700, "2.0 s"), (70e3, "2.0 min")],
)
def test_durations_have_round_heights(value: float, top: str) -> None:
    """The top is round in the unit that it is written in."""
    assert lines(AXIS, [Series("p95", "warm", [value, None])], "", DURATIONS).heights[0] == top


def test_bars_stand_on_each_other() -> None:
    """The first series is at the bottom, and all of a bucket is as high as it is much."""
    series = [Series("failed", "bad", [1, 0]), Series("fine", "fine", [3, 2])]
    chart = stacked(AXIS, series, "Runs", COUNTS)
    assert [(bar.tone, bar.y, bar.height) for bar in chart.bars] == [
        ("bad", 75, 25),
        ("fine", 0, 75),
        ("fine", 50, 50),
    ]
    assert chart.legend == (("bad", "failed"), ("fine", "fine"))
    assert [column.label for column in chart.columns] == [
        "1 Jan, 00:00 to 00:30: failed 1, fine 3",
        "1 Jan, 00:30 to 01:00: failed 0, fine 2",
    ]
    assert [column.href for column in chart.columns] == ["/x?0-1800", "/x?1800-3600"]


def test_a_line_has_gaps() -> None:
    """Where nothing was there is neither a line nor a link, and one point alone is a dot."""
    axis = Axis((0.0, 60.0, 120.0, 180.0), 60.0, AXIS.href)
    chart = lines(axis, [Series("p50", "calm", [1.0, None, 1.0, 2.0])], "", DURATIONS)
    (line,) = chart.lines
    assert line.path.count("M") == 2
    assert line.path.count("L") == 1
    assert line.dots.count("M") == 3
    assert [column.href is None for column in chart.columns] == [False, True, False, False]
    assert chart.columns[1].label.endswith("nothing")


def test_absurd_values_stay_inside() -> None:
    """A hostile duration is as high as the plane."""
    chart = lines(AXIS, [Series("p95", "warm", [1e15, math.inf])], "", DURATIONS)
    assert f"{HEIGHT}" not in chart.heights
    assert "inf" not in chart.lines[0].path
    assert "nan" not in chart.lines[0].path


def test_nothing_is_said_to_be_nothing() -> None:
    """An empty chart says so, and has its axes."""
    chart = stacked(AXIS, [Series("failed", "bad", [None, None])], "", SHARES)
    assert chart.nothing == "Nothing in this time"
    assert chart.heights == ("2.0 %", "1.0 %", "0 %")
    assert chart.ticks


def test_none_failed() -> None:
    """Where something ran, and nothing of it failed, that is said."""
    chart = stacked(AXIS, [Series("failed", "bad", [None, 0.0])], "", FAILURES)
    assert chart.nothing == "None failed in this time"
    assert not stacked(AXIS, [Series("failed", "bad", [0.0, 0.1])], "", FAILURES).nothing
