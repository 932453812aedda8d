"""Series → shapes on a plane of 1000 by 100, for SVG inside a page. Pure.

The plane is stretched to whatever width there is; texts stand beside it, so that they are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tux.station.pages import display
from tux.station.pages.ticks import Tick, ticks_of
from tux.station.rollups.periods import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH: Final = 1000.0
HEIGHT: Final = 100.0
GAP: Final = 0.18
"""Of a bar, what stays free."""
THINNEST: Final = 1.2
"""Height of a bar of the least that is not nothing."""
NOTHING: Final = "Nothing in this time"
MOST: Final = 1e9
"""Highest value that is drawn: a hostile duration has no end."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values."""

    title: str
    tone: str
    """A class of the style sheet."""
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A row of points, with gaps where nothing was."""

    tone: str
    path: str
    dots: str


@dataclass(frozen=True, slots=True)
class Column:
    """What is pointed at: a bucket over the whole height."""

    x: float
    width: float
    label: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything of a chart that a template needs."""

    summary: str
    """In words, for who does not see it."""
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    heights: tuple[str, ...]
    """Labels of the axis, from the top to nothing."""
    ticks: tuple[Tick, ...]
    legend: tuple[tuple[str, str], ...]
    """Tone and title; none where there is one series only."""
    nothing: str
    """What is said where nothing is drawn; empty where something is."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The buckets of a chart, and where a click on one leads."""

    starts: Sequence[float]
    bucket: float
    href: Callable[[float, float], str] | None = None
    """Begin and end of a bucket → an address."""


def stacked(axis: Axis, series: Sequence[Series], summary: str, unit: Unit) -> Chart:
    """Draw bars on top of each other: the first series at the bottom."""
    sums = [
        sum(min(value or 0.0, MOST) for value in values)
        for values in zip(*(one.values for one in series), strict=True)
    ]
    top = unit.top(max(sums, default=0.0))
    step = WIDTH / max(len(axis.starts), 1)
    bars = []
    for place in range(len(axis.starts)):
        base = HEIGHT
        for one in series:
            value = min(one.values[place] or 0.0, MOST)
            if value <= 0:
                continue
            height = min(max(value / top * HEIGHT, THINNEST), base)
            base -= height
            bars.append(
                Bar(
                    *(one.tone, round(step * (place + GAP / 2), 2), round(base, 2)),
                    *(round(step * (1 - GAP), 2), round(height, 2)),
                )
            )
    return _chart(axis, series, summary, unit, top, bars=tuple(bars))


def lines(axis: Axis, series: Sequence[Series], summary: str, unit: Unit) -> Chart:
    """Draw lines, the last series on top."""
    known = [min(value, MOST) for one in series for value in one.values if value is not None]
    top = unit.top(max(known, default=0.0))
    drawn = tuple(_line(one, top) for one in series)
    return _chart(axis, series, summary, unit, top, lines=drawn)


@dataclass(frozen=True, slots=True)
class Unit:
    """How values are written, and which heights are round ones."""

    write: Callable[[float], str]
    round_up: Callable[[float], float]
    least: float = 0.0
    """The top is never lower."""
    zero: str = NOTHING
    """What is said where something is known, and all of it is nothing."""

    def top(self, highest: float) -> float:
        """Give the height of the plane."""
        return self.round_up(max(highest, self.least)) or 1.0


def _round(value: float) -> float:
    """Round up to 1, 2, 5 or 10 times a power of ten."""
    if value <= 0:
        return 0.0
    power = 10.0 ** len(str(int(value))) / 10 if value >= 1 else 1.0
    while value < 1 and power > value:
        power /= 10
    return next((power * step for step in (1, 2, 4, 5, 10) if power * step >= value), power * 10)


def _round_duration(value: float) -> float:
    """Round up to what is round in the unit that it is written in."""
    for size in (3_600_000.0, 60_000.0, 1000.0):
        if value > size:
            return _round(value / size) * size
    return _round(value)


def _whole(value: float) -> float:
    """Of things that are counted there is no half."""
    top = _round(value)
    return top + top % 2 if top > 1 else 2.0


COUNTS: Final = Unit(display.count, _whole)
DURATIONS: Final = Unit(display.duration, _round_duration)
SHARES: Final = Unit(display.percent, lambda value: min(_round(value), 1.0), 0.02)
FAILURES: Final = replace(SHARES, zero="None failed in this time")


def _line(one: Series, top: float) -> Line:
    step = WIDTH / max(len(one.values), 1)
    path, dots, before = [], [], False
    for place, value in enumerate(one.values):
        if value is None:
            before = False
            continue
        x = round(step * (place + 0.5), 2)
        y = round(HEIGHT - min(value, MOST) / top * HEIGHT, 2)
        path.append(f"{'L' if before else 'M'}{x} {y}")
        dots.append(f"M{x} {y}h0.01")
        before = True
    return Line(one.tone, "".join(path), "".join(dots))


def _chart(
    axis: Axis,
    series: Sequence[Series],
    summary: str,
    unit: Unit,
    top: float,
    *,
    bars: tuple[Bar, ...] = (),
    lines: tuple[Line, ...] = (),
) -> Chart:
    return Chart(
        summary=summary,
        bars=bars,
        lines=lines,
        columns=tuple(_columns(axis, series, unit)),
        heights=(unit.write(top), unit.write(top / 2), unit.write(0.0)),
        ticks=ticks_of(axis.starts, axis.bucket) if axis.starts else (),
        legend=tuple((one.tone, one.title) for one in series) if len(series) > 1 else (),
        nothing=_nothing(series, unit),
    )


def _nothing(series: Sequence[Series], unit: Unit) -> str:
    known = [value for one in series for value in one.values if value is not None]
    return "" if any(known) else unit.zero if known else NOTHING


def _columns(axis: Axis, series: Sequence[Series], unit: Unit) -> list[Column]:
    step = WIDTH / max(len(axis.starts), 1)
    found = []
    for place, start in enumerate(axis.starts):
        values = [
            f"{one.title} {unit.write(value)}"
            for one in series
            if (value := one.values[place]) is not None
        ]
        end = start + axis.bucket
        label = f"{_span(start, end)}: {', '.join(values) or 'nothing'}"
        has_some = any(one.values[place] for one in series)
        href = axis.href(start, end) if axis.href and has_some else None
        found.append(Column(round(step * place, 2), round(step, 2), label, href))
    return found


def _span(start: float, end: float) -> str:
    begin, until = (datetime.fromtimestamp(moment, UTC) for moment in (start, end))
    if end - start >= DAY:
        return f"{begin:%-d %b}"
    form = "%H:%M:%S" if (end - start) % 60 else "%H:%M"
    return f"{begin:%-d %b, {form}} to {until:{form}}"
