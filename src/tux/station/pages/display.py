"""Values → text that is safe to look at. Pure.

Escaping is Jinja's part; this removes what escaping lets through: characters that hide or turn
round what stands beside them, and texts without an end.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from markupsafe import Markup

from tux.station.rollups.outcomes import FAILED

LONGEST: Final = 4000
"""Most characters of one value on a page; the raw event has it whole."""
# Controls except tab and newline, bidi controls, invisible characters, halves of surrogate pairs,
# what XML cannot hold.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_TONES: Final = {
    "good": {"ok", "resolved"},
    "bad": {"error", "fatal", "firing", *FAILED},
    "info": {"info", "in_progress", "acknowledged"},
    "mute": {"unknown", "cancelled", "debug", "trace", "default"},
}
_TONE_OF: Final = {word: tone for tone, words in _TONES.items() for word in words}


def shown(value: object) -> object:
    """Make any value of a template fit to be shown; every ``{{ … }}`` passes through here."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clipped(plain(value), LONGEST)
    return value


def plain(value: str) -> str:
    """Remove characters that cannot be seen but change what is seen."""
    return _HIDDEN.sub("", value)


def clipped(value: str, limit: int) -> str:
    """Cut a long text, visibly."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def tone(word: str) -> str:
    """Give the colour of a level or a status; a member's mistake, and what is unknown, warn."""
    return _TONE_OF.get(word, "warn")


def utc(moment: float) -> str:
    """Write a time in full."""
    found = _datetime(moment)
    return f"{found:%-d %b %Y, %H:%M:%S} UTC" if found else "unknown"


def clock(moment: float) -> str:
    """Write a time with its milliseconds, without its day."""
    found = _datetime(moment)
    return f"{found:%H:%M:%S}.{found.microsecond // 1000:03}" if found else "unknown"


def iso(moment: float) -> str:
    """Write a time for machines."""
    found = _datetime(moment)
    return f"{found:%Y-%m-%dT%H:%M:%SZ}" if found else "1970-01-01T00:00:00Z"


def ago(moment: float, now: float) -> str:
    """Write how long ago a time is."""
    seconds = now - moment
    if not abs(seconds) < 1e10:  # noqa: PLR2004  # a hostile time, NaN included
        return "unknown"
    if seconds < 0:
        return "just now" if seconds > -5 else "in the future"  # noqa: PLR2004  # clocks differ
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago" if seconds >= 1 else "just now"


def duration(milliseconds: float | None) -> str:
    """Write a duration in the unit that fits it."""
    if milliseconds is None:
        return "-"
    if not milliseconds:
        return "0 ms"
    if not math.isfinite(milliseconds):
        return "∞"
    for most, size, unit in ((1, 0.001, "µs"), (1000, 1, "ms"), (60_000, 1000, "s")):
        if milliseconds < most:
            amount = milliseconds / size
            return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}"  # noqa: PLR2004
    minutes = milliseconds / 60_000
    if minutes < 120:  # noqa: PLR2004  # two hours
        return f"{minutes:.1f} min"
    return f"{minutes / 60:,.1f} h" if minutes < 1e9 else "∞"  # noqa: PLR2004


def count(number: float) -> str:
    """Write how many, with thousands set apart."""
    return f"{number:,.0f}" if float(number).is_integer() or number >= 100 else f"{number:.2g}"  # noqa: PLR2004


def counted(number: int, what: str) -> str:
    """Write how many of what there are: ``1 event``, ``2 events``."""
    return f"{count(number)} {what}{'' if number == 1 else 's'}"


def size(number: float) -> str:
    """Write bytes."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004  # the next unit
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} GB"


def rate(number: float) -> str:
    """Write how many in some time: there are halves of that."""
    return f"{number:,.0f}" if number >= 100 or not number else f"{number:.2g}"  # noqa: PLR2004  # three digits


def percent(share: float | None) -> str:
    """Write a share."""
    if share is None:
        return "-"
    return f"{share * 100:.0f} %" if share in (0, 1) else f"{share * 100:.1f} %"


def short_release(release: str) -> str:
    """Write a release as it is told from others: without its package, its revision cut."""
    version, plus, revision = release.rpartition("@")[2].partition("+")
    return f"{version}{plus}{revision[:7]}"


def web_address(value: str) -> str | None:
    """Return an address that a link may lead to: http or https, nothing else."""
    if len(value) > 2000 or plain(value) != value or re.search(r"[\s\\]", value):  # noqa: PLR2004
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.hostname else None


def _datetime(moment: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(moment, UTC)
    except (OverflowError, ValueError, OSError):
        return None
