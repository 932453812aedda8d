"""What is left of a text without its ids and addresses in memory, by which most texts differ."""

from __future__ import annotations

import re
from typing import Final

_ALONE = r"A-Za-z0-9+/_=.%-"
# Digits alone, and fewer, may be a card's; of 17 and more they are none.
_CHANGING = re.compile(
    rf"(?<![{_ALONE}])(?:0x[0-9a-f]{{9,16}}|[1-9]\d{{16,18}}|(?=\d*[a-f])[0-9a-f]{{16}}(?:[0-9a-f]{{16}})?)(?![{_ALONE}])",
    re.ASCII,
)
_AN_ID: Final = "123456789012345678"


def shape_of(text: str) -> str | None:
    """Return the text with one id in the place of all, or None if it has none.

    No rule tells such a number from another, for it stands between signs that end every pattern's run.
    """
    shape, count = _CHANGING.subn(_AN_ID, text)
    return shape if count else None
