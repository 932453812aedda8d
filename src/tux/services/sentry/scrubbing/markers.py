"""What stands in the place of a value that was removed."""

from __future__ import annotations

import re

MARKER = re.compile(r"\[removed: [a-z0-9 -]{2,32}\]")


def marker(kind: str) -> str:
    """Return what stands in the place of a value that was removed."""
    return f"[removed: {kind}]"
