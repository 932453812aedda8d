"""Values of foreign JSON → values that a column holds: wrong ones give None, never an error."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = 200
"""Longest tag, name or release that is kept, in characters: Sentry's own limit of a tag value."""
TEXT = 8192
"""Longest free text in a column; the payload has it whole."""
FUTURE_SECONDS = 60.0
PAST_SECONDS = 30 * 86400.0
"""Times further away are a wrong clock: Relay's ``max_secs_in_future`` and ``max_secs_in_past``."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_HEX = {16: re.compile(r"[0-9a-f]{16}", re.ASCII), 32: re.compile(r"[0-9a-f]{32}", re.ASCII)}


def text(value: object, limit: int = NAME) -> str | None:
    """Return a scalar as text without control characters; None for nothing and for containers."""
    if isinstance(value, str) and len(value) <= limit and value.isprintable():
        return value.strip() or None  # nearly all are
    if isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, (int, float)):
        value = str(value) if abs(value) < 1e300 else None  # noqa: PLR2004  # str() of a huge int is refused
    if not isinstance(value, str):
        return None
    cut = value if len(value) <= limit else value[: limit - 1] + "…"
    return _CONTROL.sub("\ufffd", cut).strip() or None


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return a list; an empty one for anything else. ``{"values": […]}`` is a list, too."""
    if isinstance(value, dict):
        value = value.get("values")
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """Return a finite number; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None


def count(value: object, most: int = 1_000_000_000) -> int:
    """Return a number of things, 0 where it is none."""
    found = number(value)
    return min(max(int(found), 0), most) if found is not None else 0


def moment(value: object) -> float | None:
    """Return Unix seconds from a number or an ISO 8601 text; without a zone it is UTC."""
    if isinstance(value, str) and len(value) <= 40:  # noqa: PLR2004  # longer than any ISO time
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            return None
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    return number(value)


def plausible(value: float | None, received: float) -> float:
    """Return a client's time, or when it was received where its clock is wrong."""
    if value is None or not received - PAST_SECONDS <= value <= received + FUTURE_SECONDS:
        return received
    return value


def hex_id(value: object, digits: int) -> str | None:
    """Return a trace id (32 digits) or a span id (16 digits)."""
    if not isinstance(value, str) or len(value) > 36:  # noqa: PLR2004  # a UUID with dashes
        return None
    lower = value.lower().replace("-", "")
    return lower if _HEX[digits].fullmatch(lower) else None
