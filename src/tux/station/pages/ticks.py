"""Round moments of a chart's time, and where they lie. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tux.station.rollups.periods import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS: Final = (
    *(number * MINUTE for number in (1, 2, 5, 10, 15, 30)),
    *(number * HOUR for number in (1, 2, 3, 4, 6, 12)),
    *(number * DAY for number in (1, 2, 7, 14, 28)),
)
_MOST: Final = 6
"""More labels would stand in each other's way."""
_WIDTH: Final = 100.0
_EDGE: Final = 5.0
"""Per cent within which a label is put beside its place, so that it does not stick out."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A label of the axis of time."""

    place: float
    """Per cent of the width, from the left."""
    label: str
    anchor: str
    """Which end of the label is there, in words of SVG."""


def ticks_of(starts: Sequence[float], bucket: float) -> tuple[Tick, ...]:
    """Label the time of a chart at round moments, in UTC.

    Args:
        starts: when its bars begin, in Unix seconds.
        bucket: how many seconds each lasts.
    """
    length = len(starts) * bucket
    step = next((one for one in _STEPS if length < one * _MOST), _STEPS[-1])
    # A day's label stands below the middle of its bar.
    aside = bucket / 2 if bucket >= DAY else 0.0
    found = []
    for number in range(math.ceil(starts[0] / step), int((starts[0] + length) // step) + 1):
        place = round((number * step - starts[0] + aside) / length * _WIDTH, 2)
        if place <= _WIDTH:
            found.append(Tick(place, _label(number * step, step), _anchor(place)))
    return tuple(found)


def _label(moment: int, step: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):{'%-d %b' if step >= DAY else '%H:%M'}}"


def _anchor(place: float) -> str:
    return "start" if place < _EDGE else "end" if place > _WIDTH - _EDGE else "middle"
