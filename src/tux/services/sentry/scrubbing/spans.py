"""Where a value inside a text ends: at its quote, at its bracket, or where the text was cut."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"(\\*)([\"'])|([\[{(])|([\]})])")
_MOST_BACKSLASHES = 15
_CLOSING = {
    "\\" * count + quote: re.compile(rf"(?<!\\)\\{{{count}}}{quote}")
    for count in range(_MOST_BACKSLASHES + 1)
    for quote in "\"'"
}
"""A quote with so many backslashes before it → the same quote, as it closes."""


def quoted_end(text: str, quote: str, start: int) -> int:
    """Find the quote that closes what begins at `start`; a text that was cut has none.

    A quote in a text within a text has backslashes before it, and is closed by one with as many.
    """
    pattern = _CLOSING.get(quote)
    found = pattern.search(text, start) if pattern else None
    return found.start() if found else len(text)


def bracketed_end(text: str, start: int) -> int:
    """Find the bracket that closes the one at `start`, past what stands in quotes."""
    depth, position = 0, start
    while (token := _TOKEN.search(text, position)) is not None:
        position = token.end()
        if token[3]:
            depth += 1
        elif token[4]:
            depth -= 1
            if depth == 0:
                return token.start()
        else:
            position = quoted_end(text, token[1] + token[2], position)
            position += len(token[1]) + 1
    return len(text)
