"""The values of an alert rule → shapes of a small chart with its threshold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.alerting.notices import amount
from tux.station.pages.display import ago

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.watch import AlertRule

WIDTH: Final = 600.0
HEIGHT: Final = 90.0
MOST: Final = 1e12
"""Highest value that is drawn: a hostile duration has no end."""
ROOM: Final = 1.25
"""How far above the threshold the chart goes where no value is there."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of time."""

    x: float
    y: float
    width: float
    height: float
    is_above: bool
    label: str


@dataclass(frozen=True, slots=True)
class AlertChart:
    """What a template draws."""

    bars: tuple[Bar, ...]
    line: float
    """Height of the threshold."""
    summary: str


def chart_of(
    rule: AlertRule, samples: Sequence[tuple[float, float | None]], now: float
) -> AlertChart:
    """Lay values out on a plane of ``WIDTH`` by ``HEIGHT``."""
    values = [min(value or 0.0, MOST) for _, value in samples]
    top = max([*values, rule.threshold * ROOM]) or 1.0
    step = WIDTH / len(samples)
    bars = tuple(
        Bar(
            x=round(place * step, 2),
            y=round(HEIGHT * (1 - value / top), 2),
            width=round(step * 0.8, 2),
            height=round(HEIGHT * value / top, 2),
            is_above=value > rule.threshold,
            label=f"{amount(given, rule.unit)}, {ago(start, now)}",
        )
        for place, ((start, given), value) in enumerate(zip(samples, values, strict=True))
        if given is not None
    )
    above = sum(bar.is_above for bar in bars)
    return AlertChart(
        bars,
        round(HEIGHT * (1 - rule.threshold / top), 2),
        f"At most {amount(max(values), rule.unit)}, threshold {amount(rule.threshold, rule.unit)}, "
        f"above it in {above} of {len(samples)} bars",
    )
