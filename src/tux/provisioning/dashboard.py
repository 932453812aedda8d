"""Metrics and widgets → Sentry's dashboard. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.provisioning.marks import scoped
from tux.provisioning.measures import function_of
from tux.provisioning.objects import Body, Kind, Place, Wanted
from tux.watch import SOURCES, Widget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.watch import Definitions, Metric
    from tux.watch.sources import Aggregate

KEY: Final = "dashboard"
NAME: Final = "Monitoring"
MOST_WIDGETS: Final = 30
COLUMNS: Final = 6
NOTE: Final = "Made by `tux watch apply`, which undoes what is edited here."
_SERIES: Final = 10
"""Lines that Sentry draws in one chart, aggregates and groups together."""
_DISPLAYS: Final = {"line": "line", "bar": "bar", "table": "table", "number": "big_number"}
_TYPES: Final = {"errors": "error-events", "spans": "spans"}
_SIZES: Final = {"number": (2, 1), "line": (3, 2), "bar": (3, 2), "table": (3, 3)}


@dataclass(frozen=True, slots=True)
class Tile:
    """A widget as Sentry has it: one interval, and for a number one aggregate."""

    title: str
    widget: Metric
    aggregates: tuple[Aggregate, ...]
    display: str = "line"
    interval: str = "5m"


def dashboard_of(definitions: Definitions, place: Place) -> Wanted:
    """Make the dashboard, numbers first, then the key metrics, then the widgets."""
    title = scoped(NAME, place.project)
    tiles = tiles_of(definitions)
    body: Body = {
        "title": title,
        "projects": [place.project_id],
        "environment": [],
        "period": "24h",
        "utc": True,
        "filters": {},
        # Whoever applies next may hold another token, and only the maker of a board that is
        # closed could change it.
        "permissions": {"isEditableByEveryone": True, "teamsWithEditAccess": []},
        "widgets": [
            _widget_of(tile, layout) for tile, layout in zip(tiles, _laid(tiles), strict=True)
        ],
    }
    return Wanted(Kind.DASHBOARD, KEY, title, body)


def tiles_of(definitions: Definitions) -> list[Tile]:
    """Name every widget of the dashboard, in order."""
    tiles = [
        tile
        for metric in (*definitions.metrics.values(), *definitions.widgets.values())
        for tile in _tiles_of(metric)
    ]
    return sorted(tiles, key=lambda tile: tile.display != "number")


def _tiles_of(metric: Metric) -> Iterator[Tile]:
    display = metric.display if isinstance(metric, Widget) else "line"
    asked = metric.aggregates
    if display == "number":
        for one in asked:
            title = metric.title if len(asked) == 1 else f"{metric.title}: {one}"
            yield Tile(title, metric, (one,), display)
        return
    # There is no function for "an hour": a count, drawn by the hour, in a chart of its own.
    if display != "table" and "per_hour" in asked:
        rest = tuple(one for one in asked if one != "per_hour")
        if rest:
            yield Tile(metric.title, metric, rest, display)
        title = f"{metric.title} (per hour)" if rest else metric.title
        yield Tile(title, metric, ("per_hour",), display, "1h")
        return
    yield Tile(metric.title, metric, asked, display)


def _widget_of(tile: Tile, layout: Body) -> Body:
    source = SOURCES[tile.widget.source]
    by = tile.widget.by if isinstance(tile.widget, Widget) else ""
    # A rate by the hour in a table or a number is told by the minute.
    asked = tuple(
        "per_minute" if one == "per_hour" and tile.interval != "1h" else one
        for one in tile.aggregates
    )
    functions = list(dict.fromkeys(function_of(tile.widget.source, one) for one in asked))
    columns = [by] if by else []
    limit = tile.widget.limit if isinstance(tile.widget, Widget) else None
    if tile.display != "table" and limit is not None:
        limit = max(1, min(limit, _SERIES // len(functions)))
    conditions = source.query
    if by and f"has:{by}" not in conditions.split():
        conditions += f" has:{by}"
    return {
        "title": tile.title,
        "displayType": _DISPLAYS[tile.display],
        "widgetType": _TYPES[source.dataset],
        "interval": tile.interval,
        "queries": [
            {
                "name": "",
                "fields": [*columns, *functions],
                "aggregates": functions,
                "columns": columns,
                "fieldAliases": [],
                "conditions": conditions,
                "orderby": f"-{functions[0]}" if by else "",
            }
        ],
        "limit": limit if by else None,
        "description": NOTE,
        "thresholds": None,
        "datasetSource": "user",
        "layout": layout,
    }


def _laid(tiles: list[Tile]) -> Iterator[Body]:
    """Give each its place, from left to right, a row as high as its highest, numbers by themselves."""
    x = y = height = 0
    for tile in tiles:
        width, tall = _SIZES[tile.display]
        is_other = height != 0 and (height == 1) != (tall == 1)
        if x + width > COLUMNS or is_other:
            x, y, height = 0, y + height, 0
        yield {"x": x, "y": y, "w": width, "h": tall, "minH": min(tall, 2)}
        x, height = x + width, max(height, tall)
