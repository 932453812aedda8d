"""Questions → charts: what is asked of the file, how it is drawn, and where a click leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from tux.station.pages.charts import (
    COUNTS,
    DURATIONS,
    FAILURES,
    SHARES,
    WIDTH,
    Axis,
    Chart,
    Series,
    lines,
    stacked,
)
from tux.station.pages.display import count, duration, percent
from tux.station.queries import figures, people, steps
from tux.station.rollups.areas import ALL_AREAS, DATABASE, DISCORD, EXTERNAL, LIMIT, OWN, PEOPLE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from tux.station.pages.rendering import Asked
    from tux.station.queries.points import Point

AREA_NAMES: Final = {
    DATABASE: "database",
    DISCORD: "Discord",
    EXTERNAL: "external APIs",
    LIMIT: "rate-limit waits",
    PEOPLE: "people",
    OWN: "own code",
}
PERCENTILES: Final = (("p99", "loud"), ("p95", "warm"), ("p50", "calm"), ("mean", "plain"))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar that stands for all of a time."""

    title: str
    tone: str
    share: float
    total: float
    """Milliseconds."""
    x: float
    width: float


def address(path: str, **parameters: object) -> str:
    """Write an address of this site; what is empty is left out."""
    kept = {key: value for key, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def runs_link(name: str | None = None, order: str = "") -> Callable[[float, float], str]:
    """Lead from a bucket to the transactions behind it."""
    only = {"name": name, "sort": order, "op": None if name else "command"}
    return lambda start, end: address(
        "/transactions/", **{**only, "from": int(start), "to": int(end)}
    )


def errors_link(**picked: str) -> Callable[[float, float], str]:
    """Lead from a bucket to the issues behind it."""
    return lambda start, end: address("/errors/", **{"from": int(start), "to": int(end), **picked})


def errors(connection: sqlite3.Connection, asked: Asked) -> Chart:
    """Draw errors over time."""
    found = figures.errors_over_time(connection, asked.range, asked.now)
    counts = [number for _, number in found]
    summary = f"Errors over time: {count(sum(counts))}, at most {count(max(counts))} in one bar"
    series = [Series("errors", "bad", counts)]
    return stacked(_axis(asked, errors_link()), series, summary, COUNTS)


def users(connection: sqlite3.Connection, asked: Asked) -> Chart:
    """Draw how many users met an error."""
    found = people.affected_over_time(connection, asked.range, asked.now)
    summary = f"Users who met an error, over time: at most {count(max(found))} in one bar"
    series = [Series("users", "loud", found)]
    return stacked(_axis(asked, errors_link()), series, summary, COUNTS)


def runs(asked: Asked, points: Sequence[Point | None], name: str | None = None) -> Chart:
    """Draw runs, the failed ones at the bottom."""
    failed = [point.failures if point else 0 for point in points]
    fine = [point.count - point.failures if point else 0 for point in points]
    summary = (
        f"Runs over time: {count(sum(failed) + sum(fine))}, of which {count(sum(failed))} failed"
    )
    series = [Series("failed", "bad", failed), Series("did not fail", "fine", fine)]
    return stacked(_axis(asked, runs_link(name)), series, summary, COUNTS)


def failure_rate(asked: Asked, points: Sequence[Point | None], name: str | None = None) -> Chart:
    """Draw which share of the runs failed."""
    rates = [point.failure_rate if point else None for point in points]
    worst = max((rate for rate in rates if rate is not None), default=0.0)
    summary = f"Share of the runs that failed, over time: at most {percent(worst)}"
    series = [Series("failed", "bad", rates)]
    return stacked(_axis(asked, runs_link(name, "failed")), series, summary, FAILURES)


def durations(
    asked: Asked,
    points: Sequence[Point | None],
    what: str,
    href: Callable[[float, float], str] | None,
) -> Chart:
    """Draw mean and percentiles."""
    series = [
        Series(name, tone, [getattr(point, name) if point else None for point in points])
        for name, tone in PERCENTILES
    ]
    worst = max((point.p95 for point in points if point), default=0.0)
    summary = f"{what} over time: p95 at most {duration(worst)}"
    return lines(_axis(asked, href), series, summary, DURATIONS)


def area(connection: sqlite3.Connection, asked: Asked, which: str) -> Chart:
    """Draw how long the database, Discord or other APIs take."""
    points = steps.area_over_time(connection, asked.range, asked.now, which)
    return durations(asked, points, f"Time of {AREA_NAMES[which]}", runs_link(order="slowest"))


def shares(asked: Asked, found: steps.Shares, name: str) -> Chart:
    """Draw where the time of a name's runs goes, bar by bar, as shares of it."""
    numbers = [round(start / asked.range.bucket) for start in asked.range.starts(asked.now)]
    totals = {number: sum(areas.values()) for number, areas in found.items()}
    series = [
        Series(
            AREA_NAMES[one],
            f"area-{one.replace(' ', '-')}",
            [
                found[number].get(one, 0.0) / totals[number] if totals.get(number) else None
                for number in numbers
            ],
        )
        for one in ALL_AREAS
        if any(areas.get(one) for areas in found.values())
    ]
    if not series:
        series = [Series("own code", "area-own", [None] * len(numbers))]
    summary = "Where the time goes, over time: " + ", ".join(one.title for one in series)
    return stacked(_axis(asked, runs_link(name, "slowest")), series, summary, SHARES)


def parts(found: dict[str, float]) -> list[Part]:
    """Lay all of a time out as one bar."""
    total = sum(found.values())
    made: list[Part] = []
    left = 0.0
    for one in ALL_AREAS:
        if total and found.get(one):
            share = found[one] / total
            tone = f"area-{one.replace(' ', '-')}"
            width = share * WIDTH
            place = round(left, 2), round(width, 2)
            made.append(Part(AREA_NAMES[one], tone, share, found[one], *place))
            left += width
    return made


def _axis(asked: Asked, href: Callable[[float, float], str] | None) -> Axis:
    return Axis(asked.range.starts(asked.now), asked.range.bucket, href)
