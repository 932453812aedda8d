"""Definitions of `tux.watch` → what the first page shows of them: tiles, charts, lists, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.pages import plots
from tux.station.pages.charts import COUNTS, DURATIONS, SHARES, Axis, Series, lines, stacked
from tux.station.pages.display import count, counted, duration, percent, rate
from tux.station.pages.plots import address
from tux.station.queries.health import releases
from tux.station.queries.measured import sampling
from tux.station.queries.watched import Found, Measure, by_tag, over_time, whole
from tux.watch.sources import SOURCES, UNITS, Aggregate, SourceName, Unit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from tux.station.pages.charts import Chart
    from tux.station.pages.rendering import Asked
    from tux.watch.definitions import Metric, Widget

NAMES: Final[dict[Aggregate, str]] = {
    "count": "count",
    "users": "users",
    "per_minute": "a minute",
    "per_hour": "an hour",
    "failure_rate": "failed",
    "max": "longest",
}
"""What is written of an aggregate that is not called what it is."""
TONES: Final[dict[Aggregate, str]] = {
    "mean": "plain",
    "p50": "calm",
    "p95": "warm",
    "p99": "loud",
    "max": "bad",
    "users": "loud",
    "failure_rate": "bad",
}
_WRITE: Final[dict[Unit, Callable[[float], str]]] = {
    "count": count,
    "per_minute": rate,
    "per_hour": rate,
    "millisecond": duration,
    "ratio": percent,
}
_UNITS: Final = {"count": COUNTS, "millisecond": DURATIONS, "ratio": SHARES}
_PAGES: Final[dict[SourceName, str]] = {
    "errors": "/errors/",
    "database_errors": "/errors/",
    "commands": "/transactions/",
    "operations": "/operations/",
    "queries": "/queries/",
    "calls": "/hosts/",
}
"""Where one reads more about a source."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a tag tells apart: its name, where it leads, figures, share of the longest bar."""

    name: str
    href: str
    cells: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Panel:
    """A card of the first page."""

    title: str
    href: str
    value: str = ""
    """The figure that stands for all."""
    unit: str = ""
    note: str = ""
    chart: Chart | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[Line, ...] = ()
    is_bars: bool = False
    is_bad: bool = False
    empty: str = "Nothing in this time."


def metric(connection: sqlite3.Connection, asked: Asked, definition: Metric) -> Panel:
    """Show a figure: for the whole range, and over time."""
    source = definition.source
    measure = whole(connection, source, asked.range, asked.now)
    written = {one: _written(measure, one, asked) for one in definition.aggregates}
    first = "p95" if "p95" in written else definition.aggregates[0]
    rest = [f"{NAMES.get(one, one)} {text}" for one, text in written.items() if one != first]
    rest += _basis(connection, asked, source, measure, first)
    return Panel(
        title=definition.title,
        href=_page(source, asked),
        value=written[first],
        unit=NAMES.get(first, first),
        note=", ".join(rest),
        chart=_chart(connection, asked, definition),
        is_bad=bool(measure.count)
        and (_is_error(source) or (measure.failure_rate or 0) > 0)
        and UNITS[first] != "millisecond",
    )


def _basis(
    connection: sqlite3.Connection,
    asked: Asked,
    source: SourceName,
    measure: Measure,
    first: Aggregate,
) -> Iterator[str]:
    """Tell of how many a figure is, and how many commands ran where more did than that."""
    if _is_error(source):
        yield f"{count(measure.count)} in all"
        return
    failed = ""
    if first == "failure_rate" and measure.failure_rate is not None:
        failed = f"{count(round(measure.failure_rate * measure.count))} of "
    known = sampling(connection, asked.range, asked.now)
    if source != "commands":
        yield f"{failed}{count(measure.count)} {'sampled' if known.is_partial else 'in all'}"
    elif known.is_partial and not known.is_measured:
        yield f"{failed}{count(measure.count)} sampled runs"
        yield f"{count(known.ran)} ran"
    else:
        yield f"{failed}{counted(measure.count, 'run')}"


def widget(connection: sqlite3.Connection, asked: Asked, definition: Widget) -> Panel:
    """Show a piece of a dashboard as its display says; what is grouped is a list or a table."""
    if not definition.by:
        return metric(connection, asked, definition)
    found = by_tag(connection, definition.source, definition.by, asked.range, asked.now)
    href = _page(definition.source, asked, definition.by)
    if found is None:
        title = SOURCES[definition.source].title
        empty = f"{title} are not counted by {definition.by} here; Sentry can."
        return Panel(definition.title, href, empty=empty)
    columns, rows = _rows(asked, definition, found)
    if definition.by == "release" and _is_error(definition.source):
        health = {one.name: one for one in releases(connection, asked.range, asked.now, 100)}
        columns += ("crash free",)
        rows = tuple(
            _with(row, percent(health[row.name].crash_free) if row.name in health else "-")
            for row in rows
        )
    return Panel(
        definition.title,
        href,
        note=f"by {definition.by}{_sampled(connection, asked, definition)}",
        columns=columns,
        rows=rows,
        is_bars=definition.display != "table" and len(columns) == len(definition.aggregates),
        is_bad=_is_error(definition.source),
        empty=f"Nothing has a {definition.by} in this time.",
    )


def _sampled(connection: sqlite3.Connection, asked: Asked, definition: Widget) -> str:
    """Say so where only samples know what is told apart."""
    if _is_error(definition.source) or definition.by in ("command", "transaction"):
        return ""
    known = sampling(connection, asked.range, asked.now)
    if not known.is_partial:
        return ""
    return f": {count(known.sampled)} of {counted(known.ran, 'command')} sampled"


def _rows(
    asked: Asked, definition: Widget, found: Found
) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    seconds = asked.range.seconds
    first = definition.aggregates[0]
    ordered = sorted(found, key=lambda one: (-(one[1].of(first, seconds) or 0), one[0]))
    shown = ordered[: definition.limit]
    most = max((measure.of(first, seconds) or 0 for _, measure in shown), default=0) or 1
    rows = tuple(
        Line(
            name,
            _behind(asked, definition, name),
            tuple(_written(measure, one, asked) for one in definition.aggregates),
            (measure.of(first, seconds) or 0) / most,
        )
        for name, measure in shown
    )
    return tuple(NAMES.get(one, one) for one in definition.aggregates), rows


def _with(row: Line, cell: str) -> Line:
    return Line(row.name, row.href, (*row.cells, cell), row.share)


def _chart(connection: sqlite3.Connection, asked: Asked, definition: Metric) -> Chart:
    """Draw the aggregates that have the unit of the first one: bars of what is counted.

    Of a rate the bars are counts: each is a time of its own.
    """
    source, first = definition.source, definition.aggregates[0]
    if first in ("per_minute", "per_hour"):
        first = "count"
    unit = UNITS[first]
    points = over_time(connection, source, asked.range, asked.now)
    drawn = [one for one in definition.aggregates if UNITS[one] == unit] or [first]
    titles = {**NAMES, "count": SOURCES[source].title.lower()}
    series = [
        Series(titles.get(one, one), _tone(source, one), _values(points, one, asked))
        for one in (drawn if unit == "millisecond" else [first])
    ]
    href = plots.errors_link() if _is_error(source) else _runs(first)
    axis = Axis(asked.range.starts(asked.now), asked.range.bucket, href)
    draw = lines if unit == "millisecond" else stacked
    summary = f"{definition.title} over time: {', '.join(one.title for one in series)}"
    return draw(axis, series, summary, _UNITS[unit])


def _runs(first: Aggregate) -> Callable[[float, float], str]:
    return plots.runs_link(order="failed" if first == "failure_rate" else "slowest")


def _values(
    points: Sequence[Measure | None], aggregate: Aggregate, asked: Asked
) -> list[float | None]:
    return [point.of(aggregate, asked.range.bucket) if point else None for point in points]


def _tone(source: SourceName, aggregate: Aggregate) -> str:
    return TONES.get(aggregate, "bad" if _is_error(source) else "calm")


def _written(measure: Measure, aggregate: Aggregate, asked: Asked) -> str:
    value = measure.of(aggregate, asked.range.seconds)
    return "-" if value is None else _WRITE[UNITS[aggregate]](value)


def _is_error(source: SourceName) -> bool:
    return source in ("errors", "database_errors")


def _page(source: SourceName, asked: Asked, by: str = "") -> str:
    if by == "release":
        return address("/releases/", range=asked.range.name)
    if by and by not in ("command", "transaction", "span.op", "span.description", "server.address"):
        return address("/tags/", key=by, range=asked.range.name)
    return address(_PAGES[source], range=asked.range.name)


def _behind(asked: Asked, definition: Widget, name: str) -> str:
    """Lead from one row to what is behind it."""
    span, by = asked.range.name, definition.by
    if _is_error(definition.source) and by in ("command", "release"):
        return address("/errors/", **{by: name, "range": span})
    if by in ("command", "transaction"):
        return address("/transactions/", name=name, range=span)
    if by == "server.address":
        return address("/hosts/", host=name, range=span)
    return _page(definition.source, asked, by)
