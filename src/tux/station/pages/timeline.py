"""Breadcrumbs → places on one line that ends with the event. Pure: times are those of clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.station.pages.detail import Crumb

AXIS: Final = 1000.0
LONGEST: Final = 86_400.0
"""Seconds: what is longer ago is a wrong clock, and does not stretch the line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One breadcrumb on the line."""

    left: float
    level: str
    label: str
    before: float
    """Milliseconds before the event."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What led to an event."""

    length: float = 0.0
    """Milliseconds from the first mark to the event."""
    marks: tuple[Mark, ...] = ()
    """The oldest first."""


def timeline(crumbs: Sequence[Crumb], at: float) -> Timeline:
    """Place breadcrumbs by their time."""
    ages = [
        (max(at - crumb.timestamp, 0.0), crumb)
        for crumb in crumbs
        if crumb.timestamp is not None and at - crumb.timestamp <= LONGEST
    ]
    longest = max((age for age, _ in ages), default=0.0)
    marks = sorted(
        (
            Mark(
                round(AXIS * (1 - age / longest), 1) if longest else 0.0,
                crumb.level,
                f"{crumb.category}: {crumb.message}" if crumb.message else crumb.category,
                age * 1000,
            )
            for age, crumb in ages
        ),
        key=lambda mark: mark.left,
    )
    return Timeline(longest * 1000, tuple(marks))
