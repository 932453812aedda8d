"""What a person types → conditions that an index answers. Pure.

An index of trigrams knows in which rows three letters stand beside each other; a text that is
looked for is there only if all its trigrams are, and then it is compared.
"""

from __future__ import annotations

import re
from typing import Final

LETTERS: Final = 3
"""A shorter text is in no trigram."""
TRIGRAMS: Final = 40
"""Of one text: after so many there is hardly anything left to rule out."""
# What the index cannot hold, or cannot be asked for.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def plain(text: str) -> str:
    """Write what is looked for as it is compared."""
    return _CONTROL.sub(" ", text).strip().lower()


def trigrams(text: str) -> str | None:
    """Write the query of an index: all trigrams of the text; None where it is too short."""
    parts = dict.fromkeys(text[place : place + LETTERS] for place in range(len(text) - LETTERS + 1))
    quoted = ('"{}"'.format(part.replace('"', '""')) for part in list(parts)[:TRIGRAMS])
    return " AND ".join(quoted) or None
