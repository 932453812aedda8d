"""Templates → HTML, with every value escaped, bounded and freed of what would mislead the eye."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

MOST: Final = 4000
"""Characters of one value."""
# Control characters, and those that turn the direction of a text: "gpj.exe" must not read "exe.jpg".
_MISLEADING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_UNITS: Final = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"))


def plain(value: Any) -> Any:
    """Make a value of foreign origin fit for a page; markup of our own stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    cut = value if len(value) <= MOST else f"{value[:MOST]}…"
    return _MISLEADING.sub("\ufffd", cut)


def ago(at: float, now: float) -> str:
    """Say how long ago something was."""
    seconds = now - at
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name} ago"
    return "just now" if seconds < 5 else f"{seconds:.0f} s ago"  # noqa: PLR2004  # a moment


def iso(at: float) -> str:
    """Write a time as machines read it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def utc(at: float) -> str:
    """Write a time as people read it."""
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %Y %H:%M:%S UTC")


def milliseconds(value: float | None) -> str:
    """Write a duration in the unit that suits it."""
    if value is None:
        return "-"
    if value >= 10_000:  # noqa: PLR2004  # ten seconds
        return f"{value / 1000:.0f} s"
    if value >= 1000:  # noqa: PLR2004  # a second
        return f"{value / 1000:.2f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"  # noqa: PLR2004  # two digits


def percent(value: float | None) -> str:
    """Write a share."""
    if value is None:
        return "-"
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"  # noqa: PLR2004  # one digit more


def points(values: tuple[int, ...]) -> str:
    """Write a sparkline's points for a box of 96 by 20."""
    most = max(values, default=0) or 1
    step = 96 / max(len(values) - 1, 1)
    return " ".join(
        f"{n * step:.1f},{19 - 18 * value / most:.1f}" for n, value in enumerate(values)
    )


def environment() -> Environment:
    """Build the templates' surroundings."""
    made = Environment(
        loader=PackageLoader("tux.station"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "ago": ago,
        "iso": iso,
        "utc": utc,
        "ms": milliseconds,
        "percent": percent,
        "points": points,
    }
    return made
