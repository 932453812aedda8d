"""Series → SVG images. Pure: nothing in them runs, and nothing is fetched."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pygal
from pygal.etree import etree
from pygal.style import Style

from tux.station.pages.display import duration
from tux.station.rollups.periods import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.station.queries.figures import Point

# pygal leaves a hook of a kind that Python no longer knows, for plugins that we do not have: each
# import that fails would warn of it from here on.
sys.meta_path[:] = [hook for hook in sys.meta_path if not isinstance(hook, pygal.PluginImportFixer)]

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Of an image: its styles are inside it, and where it is opened as a document nothing runs."""
LABELS: Final = 6
MOST: Final = 1e9
"""Longest duration that is drawn, in milliseconds."""
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is drawn."""

    is_dark: bool = False
    is_small: bool = False
    """For the width of a phone."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values."""

    title: str
    colour: str
    values: Sequence[float | None]


BAD, FINE, CALM, WARM, LOUD = "bad", "fine", "calm", "warm", "loud"
_COLOURS: Final = {
    False: {BAD: "#d92d3a", FINE: "#aebdf0", CALM: "#4263c7", WARM: "#d9822b", LOUD: "#b03a8c"},
    True: {BAD: "#ff6b74", FINE: "#4a5a94", CALM: "#8ea6f5", WARM: "#f2a65a", LOUD: "#ee82c4"},
}


def errors_chart(counts: Sequence[tuple[float, int]], bucket: float, look: Look) -> bytes:
    """Draw errors as bars."""
    series = [Series("errors", BAD, [found for _, found in counts])]
    return _bars(series, [start for start, _ in counts], bucket, look)


def runs_chart(
    points: Sequence[Point | None], starts: Sequence[float], bucket: float, look: Look
) -> bytes:
    """Draw runs as bars, the failed part of each coloured."""
    failed = [point.failures if point else 0 for point in points]
    fine = [point.count - point.failures if point else 0 for point in points]
    series = [Series("failed", BAD, failed), Series("did not fail", FINE, fine)]
    return _bars(series, starts, bucket, look)


def durations_chart(
    points: Sequence[Point | None], starts: Sequence[float], bucket: float, look: Look
) -> bytes:
    """Draw percentiles as lines."""
    series = [
        Series(
            name, colour, [min(getattr(point, name), MOST) if point else None for point in points]
        )
        for name, colour in (("p99", LOUD), ("p95", WARM), ("p50", CALM))
    ]
    lines = pygal.Line(
        **_options(series, look), dots_size=2.5, allow_interruptions=True, value_formatter=duration
    )
    highest = max((value or 0 for one in series for value in one.values), default=0)
    return _svg(lines, series, [0, (highest or 1) / 2, highest or 1], _labels(starts, bucket), look)


def _bars(series: Sequence[Series], starts: Sequence[float], bucket: float, look: Look) -> bytes:
    bars = pygal.StackedBar(**_options(series, look), value_formatter=_whole)
    highest = max(
        (sum(filter(None, stack)) for stack in zip(*(one.values for one in series), strict=True)),
        default=0,
    )
    # Of things that are counted there is no half.
    half = max(1, -(-int(highest) // 2))
    heights = [0, 1] if highest <= 1 else [0, half, 2 * half]
    return _svg(bars, series, heights, _labels(starts, bucket), look)


def _options(series: Sequence[Series], look: Look) -> dict[str, Any]:
    return {
        "style": _style(series, look),
        "width": 380 if look.is_small else 560,
        "height": 190 if look.is_small else 210,
        "explicit_size": True,
        "js": (),
        "show_legend": len(series) > 1,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": len(series),
        "legend_box_size": 10,
        "margin": 6,
        "spacing": 6,
        "truncate_label": -1,
        "no_data_text": "nothing yet",
        "disable_xml_declaration": True,
    }


def _style(series: Sequence[Series], look: Look) -> Style:
    quiet = "#9d9db0" if look.is_dark else "#5d5d70"
    grid = "rgba(255,255,255,.12)" if look.is_dark else "rgba(20,20,50,.12)"
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground=quiet,
        foreground_strong=quiet,
        foreground_subtle=grid,
        guide_stroke_color=grid,
        major_guide_stroke_color=grid,
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
        font_family=FONT,
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=12,
        no_data_font_size=16,
        opacity="1",
        stroke_opacity="1",
        stroke_width="2",
        transition="0s",
        colors=tuple(_COLOURS[look.is_dark][one.colour] for one in series),
    )


def _svg(
    chart: Any,
    series: Sequence[Series],
    heights: Sequence[float],
    labels: Sequence[str],
    look: Look,
) -> bytes:
    every = max(1, -(-len(labels) // (LABELS // 2 if look.is_small else LABELS)))
    chart.range, chart.y_labels = (0, heights[-1]), list(heights)
    chart.x_labels = [
        label if place % every == every // 2 else "" for place, label in enumerate(labels)
    ]
    for one in series:
        chart.add(one.title, list(one.values))
    return _without_scripts(chart.render_tree())


def _without_scripts(tree: Any) -> bytes:
    """Take out what pygal puts in for the pointer, and its remarks: inside an image nothing runs."""
    for parent in list(tree.iter()):
        for child in list(parent):
            # A comment has a function for a tag.
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return bytes(etree.tostring(tree, encoding="utf-8"))


def _labels(starts: Sequence[float], bucket: float) -> list[str]:
    form = "%-d %b" if bucket >= DAY / 4 else "%H:%M"
    return [f"{datetime.fromtimestamp(start, UTC):{form}}" for start in starts]


def _whole(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.2g}"
