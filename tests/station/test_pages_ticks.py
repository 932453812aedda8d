"""The axis of time is labelled at round moments, each at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tux.station.pages.ticks import Tick, ticks_of
from tux.station.queries.ranges import RANGES

NOW = datetime(2026, 11, 29, 20, 47, 31, tzinfo=UTC).timestamp()
LABELS = {
    "15m": ["20:35", "20:40", "20:45"],
    "1h": ["20:00", "20:15", "20:30", "20:45"],
    "24h": ["00:00", "06:00", "12:00", "18:00"],
    "7d": ["23 Nov", "25 Nov", "27 Nov", "29 Nov"],
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_round(name: str) -> None:
    """Whatever the range is, its labels are round ones."""
    one = RANGES[name]
    assert [tick.label for tick in ticks_of(one.starts(NOW), one.bucket)] == LABELS[name]


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("later", range(0, 90_000, 4_000))
def test_there_are_some(name: str, later: int) -> None:
    """At any time a chart has a few labels, all of them on it and apart from each other."""
    one = RANGES[name]
    places = [tick.place for tick in ticks_of(one.starts(NOW + later), one.bucket)]
    assert 2 <= len(places) <= 7
    assert 0 <= places[0] <= places[-1] <= 100
    assert all(after - before > 12 for before, after in pairwise(places))


def test_places() -> None:
    """A label stands where its moment is; at the edges, beside it."""
    hours = [float(number * 3600) for number in range(24)]
    assert ticks_of(hours, 3600.0) == (
        Tick(0.0, "00:00", "start"),
        Tick(25.0, "06:00", "middle"),
        Tick(50.0, "12:00", "middle"),
        Tick(75.0, "18:00", "middle"),
        Tick(100.0, "00:00", "end"),
    )


def test_days_are_below_their_bars() -> None:
    """A bar of a day has its label below its middle."""
    days = [float(number * 86_400) for number in range(4)]
    assert ticks_of(days, 86_400.0) == (
        Tick(12.5, "1 Jan", "middle"),
        Tick(37.5, "2 Jan", "middle"),
        Tick(62.5, "3 Jan", "middle"),
        Tick(87.5, "4 Jan", "middle"),
    )
