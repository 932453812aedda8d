"""Series → pictures: SVG by pygal, without any script in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pygal
from pygal.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.station.queries import Point
    from tux.station.ranges import Range

# Greys that are read on white and on black alike: a picture does not know the page's colours.
_INK: Final = "#85858f"
RED, PURPLE, GREEN, AMBER = "#e5484d", "#7c5cff", "#2f9e63", "#e0912f"
_SCRIPT: Final = re.compile(r"<script.*?</script>", re.DOTALL)
_LABELS: Final = 6


def errors_chart(points: Sequence[tuple[float, int]], span: Range) -> str:
    """Draw errors in each bucket as bars."""
    chart = _chart(pygal.Bar, [start for start, _ in points], span, (RED,))
    chart.add("errors", [count or None for _, count in points])
    return _svg(chart)


def durations_chart(points: Sequence[Point | None], starts: Sequence[float], span: Range) -> str:
    """Draw p50, p95 and p99 of each bucket as lines, in milliseconds."""
    chart = _chart(pygal.Line, starts, span, (GREEN, PURPLE, AMBER))
    for name in ("p50", "p95", "p99"):
        chart.add(name, [getattr(point, name) if point else None for point in points])
    chart.config.dots_size = 2
    return _svg(chart)


def runs_chart(points: Sequence[Point | None], starts: Sequence[float], span: Range) -> str:
    """Draw runs of each bucket, those that failed in red."""
    chart = _chart(pygal.StackedBar, starts, span, (RED, PURPLE))
    chart.add("failed", [(point.failures or None) if point else None for point in points])
    chart.add("went well", [point.count - point.failures if point else None for point in points])
    return _svg(chart)


def shares_chart(rows: Sequence[tuple[str, int]]) -> str:
    """Draw a bar for each name, the longest at the top."""
    chart = pygal.HorizontalBar(
        **_options((RED,)), height=40 + 34 * max(len(rows), 1), show_y_guides=False
    )
    chart.x_labels = [_short(name) for name, _ in reversed(rows)]
    chart.add("errors", [count for _, count in reversed(rows)])
    return _svg(chart)


def _chart(kind: Any, starts: Sequence[float], span: Range, colours: tuple[str, ...]) -> Any:
    written = "%H:%M" if span.seconds <= 86_400 else "%d %b"  # noqa: PLR2004  # a day
    labels = [datetime.fromtimestamp(start, UTC).strftime(written) for start in starts]
    chart = kind(**_options(colours), height=220)
    step = max(1, len(labels) // _LABELS)
    # A label for each sixth of the bars: the others would lie upon each other.
    chart.x_labels = ["" if number % step else label for number, label in enumerate(labels)]
    return chart


def _options(colours: tuple[str, ...]) -> dict[str, Any]:
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground=_INK,
        foreground_strong=_INK,
        foreground_subtle=_INK,
        colors=colours,
        opacity=".9",
        font_family="system-ui, sans-serif",
        label_font_size=11,
        major_label_font_size=11,
        legend_font_size=12,
        no_data_font_size=14,
        guide_stroke_dasharray="2,4",
        major_guide_stroke_dasharray="2,4",
    )
    return {
        "style": style,
        "js": (),
        "width": 640,
        "margin": 6,
        "show_legend": len(colours) > 1,
        "legend_at_bottom": True,
        "legend_box_size": 10,
        "no_data_text": "nothing yet",
        "show_x_guides": False,
        "explicit_size": True,
        "disable_xml_declaration": True,
        "value_formatter": lambda value: f"{value:,.0f}",
        "include_x_axis": True,
        "truncate_label": -1,
        "max_scale": 6,
        "truncate_legend": -1,
    }


def _svg(chart: Any) -> str:
    return _SCRIPT.sub("", chart.render(is_unicode=True))


def _short(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:19]}…"  # noqa: PLR2004  # what fits beside the bars
