"""Durations → buckets that can be added up, and percentiles of what was added. Pure.

A bucket is five percent wide, and the mean of what lies in it stands for all of that: it is at most 5 %
away from any of it, and exact where all are alike. Buckets of any hours and names are merged by adding.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GROWTH: Final = 1.05
_LOG: Final = math.log(GROWTH)
SHORTEST: Final = 0.001
"""Milliseconds. What is shorter took no time."""
LONGEST: Final = 1e15
"""Milliseconds: a hostile duration may be infinite."""
NOTHING: Final = math.floor(math.log(SHORTEST) / _LOG) - 1
"""The bucket of what took no time."""

PERCENTS: Final = (50, 95, 99)

Bucket: TypeAlias = tuple[int, int, float, int]
"""Its number, the runs in it, their milliseconds together, and how many of them failed."""


def bucket_of(milliseconds: float) -> int:
    """Give the bucket of a duration."""
    if milliseconds < SHORTEST:
        return NOTHING
    return math.floor(math.log(min(milliseconds, LONGEST)) / _LOG)


def merged(buckets: Iterable[Sequence[Any]]) -> list[Bucket]:
    """Add up what is in the same bucket, the shortest durations first."""
    found: dict[int, list[Any]] = {}
    for number, runs, total, failed in buckets:
        sums = found.get(number)
        if sums is None:
            found[number] = [runs, total, failed]
        else:
            sums[0] += runs
            sums[1] += total
            sums[2] += failed
    return [(number, *found[number]) for number in sorted(found)]


def percentiles(buckets: Sequence[Bucket]) -> list[float]:
    """Find the ``PERCENTS`` of merged buckets (nearest rank); of nothing, nothing."""
    count = sum(bucket[1] for bucket in buckets)
    found: list[float] = []
    seen = 0
    for _, runs, total, _ in buckets:
        seen += runs
        while len(found) < len(PERCENTS) and seen >= rank_of(count, PERCENTS[len(found)]):
            found.append(total / runs)
    return found


def longest_of(buckets: Sequence[Bucket]) -> float:
    """Give the longest duration in merged buckets, as near as they know it: never more than it was."""
    _, runs, total, _ = buckets[-1]
    return total / runs


def exact_percentiles(ordered: Sequence[float]) -> list[float]:
    """Find the ``PERCENTS`` of sorted durations (nearest rank); of nothing, nothing."""
    return [ordered[rank_of(len(ordered), percent) - 1] for percent in PERCENTS if ordered]


def rank_of(count: int, percent: int) -> int:
    """Tell which of so many, counted from 1, is the one below which so many percent lie."""
    return (count * percent + 99) // 100
