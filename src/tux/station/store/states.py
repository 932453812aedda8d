"""States of an issue, and what an event makes of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

UNRESOLVED: Final = "unresolved"
RESOLVED: Final = "resolved"
IGNORED: Final = "ignored"
MERGED: Final = "merged"
"""Has gone into another issue, which its address leads to."""

FIRST_SEEN: Final = "first seen"
REGRESSED: Final = "regressed"
"""An event came after it was resolved."""
AWAKE: Final = "no longer ignored"

ANY_RELEASE: Final = ""
"""What an issue is resolved in where no release was known: the first that is named is the next."""

# sentry-cli's form of a release, `package@version+build`; a bare version is one, too.
_RELEASE: Final = re.compile(
    r"(?:(?P<package>[^@]*)@)?v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,4})"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+.*)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class State:
    """How an issue stands when an event has been counted."""

    status: str
    resolved: float | None
    resolved_in: str | None
    ignored_until: float | None
    ignored_count: int | None
    times_seen: int


def reopened_by(
    state: State, happened: float, release: str | None, is_later: Callable[[str, str], bool]
) -> str | None:
    """Tell why an event opens an issue again; None where it does not.

    Args:
        state: of the issue.
        happened: when; what a client held back for hours happened before it was resolved.
        release: that it happened in.
        is_later: whether the first of two releases is later than the second.
    """
    if state.status == RESOLVED:
        return REGRESSED if _is_regression(state, happened, release, is_later) else None
    if state.status == IGNORED:
        is_time = state.ignored_until is not None and happened >= state.ignored_until
        is_count = state.ignored_count is not None and state.times_seen > state.ignored_count
        return AWAKE if is_time or is_count else None
    return None


def _is_regression(
    state: State, happened: float, release: str | None, is_later: Callable[[str, str], bool]
) -> bool:
    if happened <= (state.resolved or 0.0):
        return False
    if state.resolved_in is None:
        return True
    if release is None:
        return False
    return state.resolved_in == ANY_RELEASE or is_later(release, state.resolved_in)


def by_version(release: str, other: str) -> bool | None:
    """Tell whether a release is later than another by their names; None where these do not say."""
    one, two = _RELEASE.fullmatch(release), _RELEASE.fullmatch(other)
    if one is None or two is None or one["package"] != two["package"]:
        return None
    mine, others = _order(one), _order(two)
    return None if mine == others else mine > others


def _order(found: re.Match[str]) -> tuple[object, ...]:
    """Make what versions are compared by: a number is less than a word, a final one is last."""
    numbers = [int(part) for part in found["numbers"].split(".")]
    padded = tuple(numbers + [0] * (5 - len(numbers)))
    if found["pre"] is None:
        return (*padded, 1)
    parts = (part for part in found["pre"].split("."))
    return (
        *padded,
        0,
        tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts),
    )
