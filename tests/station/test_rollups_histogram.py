"""Percentiles of buckets beside those of the durations themselves."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.station.rollups.histogram import (
    LONGEST,
    NOTHING,
    SHORTEST,
    Bucket,
    bucket_of,
    exact_percentiles,
    longest_of,
    merged,
    percentiles,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DURATIONS = st.floats(SHORTEST, 1e9)


def counted(durations: Sequence[float]) -> list[Bucket]:
    """Count durations as the roll-ups do, each by itself."""
    return merged((bucket_of(duration), 1, duration, 0) for duration in durations)


@given(st.lists(DURATIONS, min_size=1, max_size=300))
def test_percentiles_are_off_by_a_bucket_at_most(durations: list[float]) -> None:
    """However the durations lie, p50, p95 and p99 are within 5 % of the nearest rank."""
    found = percentiles(counted(durations))
    assert found == pytest.approx(exact_percentiles(sorted(durations)), rel=0.0501)


@given(st.lists(st.lists(DURATIONS, max_size=50), max_size=5))
def test_what_is_merged_is_as_if_it_were_counted_together(parts: list[list[float]]) -> None:
    """Hours, days and names add up in any order."""
    together = counted([duration for part in parts for duration in part])
    found = merged(bucket for part in reversed(parts) for bucket in counted(part))
    assert [bucket[:2] for bucket in found] == [bucket[:2] for bucket in together]
    for mine, other in zip(found, together, strict=True):
        assert mine[2] == pytest.approx(other[2])


@given(st.lists(DURATIONS, min_size=1, max_size=300))
def test_the_longest_is_near(durations: list[float]) -> None:
    """The longest is at most 5 % longer than what is told of it."""
    assert longest_of(counted(durations)) == pytest.approx(max(durations), rel=0.0501)


@pytest.mark.parametrize(
    ("duration", "bucket"),
    [
        (0.0, NOTHING),
        (SHORTEST / 2, NOTHING),
        (SHORTEST, NOTHING + 1),
        (1.0, 0),
        (1.05, 1),
        (math.inf, bucket_of(LONGEST)),
        (1.7e308, bucket_of(LONGEST)),
    ],
)
def test_every_duration_has_a_bucket(duration: float, bucket: int) -> None:
    """What takes no time has one of its own, and what never ends has the last."""
    assert bucket_of(duration) == bucket


def test_nothing_has_no_percentile() -> None:
    """Of no runs nothing is known."""
    assert percentiles([]) == exact_percentiles([]) == []


def test_what_is_alike_is_known_exactly() -> None:
    """A bucket with one run, or with several that took as long, gives their duration."""
    assert percentiles(counted([123.4])) == [123.4] * 3
    assert percentiles(counted([100.0] * 7)) == [100.0] * 3
    assert longest_of(counted([1.0, 100.0, 100.0])) == 100.0


def test_failures_are_merged() -> None:
    """How many failed is added up with the rest."""
    sums: dict[int, int] = defaultdict(int)
    for bucket, _, _, failed in merged([(1, 3, 4.0, 2), (2, 1, 1.1, 0), (1, 1, 1.1, 1)]):
        sums[bucket] += failed
    assert sums == {1: 3, 2: 0}
