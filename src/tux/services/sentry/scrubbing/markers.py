"""What stands in the place of a value that was removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PARTS: Final = 512
"""Pieces that one rule leaves of one text, half of them markers; what follows the last is removed, too.

Nobody writes so many; whoever does so on purpose would make each later rule slow.
"""
_MARKER: Final = r"\[removed: [a-z0-9 -]{2,32}\]"
MARKER = re.compile(_MARKER)
_TOLD = re.compile(
    r"(?:(?<![\w-])[\w-]{1,64}+[\"']?\s?[=:]\s?[\"']?(?:[A-Za-z]{3,10}+ )?|(?:webhooks|interactions)/\d{15,20}/)"
    rf"{_MARKER}(?=[\s\"',;&)\]}}]|\Z)(?!\s{{0,3}}[=:])"
)
"""A marker, with what says that something is to be removed here: no rule finds more by it.

Unless a sign of equality follows, for then something may be its value.
"""


def marker(kind: str) -> str:
    """Return what stands in the place of a value that was removed."""
    return f"[removed: {kind}]"


def put_in(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Put a marker in the place of each span: where it begins, where it ends, the marker.

    They come in order and do not overlap.
    """
    parts: list[str] = []
    done = 0
    for start, end, told in spans:
        parts += [text[done:start], told]
        done = end
        if len(parts) > MOST_PARTS:
            return "".join(parts)
    return "".join(parts) + text[done:] if parts else text


def without_told(text: str) -> str:
    """Leave out markers and the names before them, which would be suspected again."""
    return _TOLD.sub(" ", text)
