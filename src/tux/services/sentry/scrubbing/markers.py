"""What stands in the place of a value that was removed."""

from __future__ import annotations

import re
from typing import Final

MOST_PARTS: Final = 512
"""Pieces that one rule leaves of one text, half of them markers; what follows the last is removed, too.

Nobody writes so many; whoever does so on purpose would make each later rule slow.
"""
MARKER = re.compile(r"\[removed: [a-z0-9 -]{2,32}\]")


def marker(kind: str) -> str:
    """Return what stands in the place of a value that was removed."""
    return f"[removed: {kind}]"
