"""Where in a TOML file something is said.

The parser itself is asked, of more and more lines, so that every way to write something is found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

Path = Sequence[str | int]


class TomlLines:
    """The lines of a TOML document that can be parsed."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        self._parsed: dict[int, dict[str, Any] | None] = {}

    def line_of(self, path: Path) -> int | None:
        """Give the line, counted from 1, on which a value begins, or the part of it that is there.

        ``path`` are the keys, and the places in lists, that lead to it. None where not even the
        first of them is there.
        """
        for length in range(len(path), 0, -1):
            end = self._first_with(path[:length])
            if end is not None:
                return self._begin_of(end)
        return None

    def _first_with(self, path: Path) -> int | None:
        """Find the fewest lines from the top that have it; once it is there it stays."""
        low, high = 0, len(self._lines)
        if not self._has(high, path):
            return None
        while low + 1 < high:
            middle = (low + high) // 2
            whole = self._whole(middle, high)
            if self._has(whole, path):
                high = middle
            else:
                low = middle
        return self._whole(high, len(self._lines))

    def _whole(self, count: int, most: int) -> int:
        """Go on to where a value that takes several lines ends."""
        while count < most and self._document(count) is None:
            count += 1
        return count

    def _begin_of(self, end: int) -> int:
        begin = end
        while begin > 1 and self._document(begin - 1) is None:
            begin -= 1
        return begin

    def _has(self, count: int, path: Path) -> bool:
        found: Any = self._document(count)
        try:
            for part in path:
                found = found[part]
        except (KeyError, IndexError, TypeError):
            return False
        return True

    def _document(self, count: int) -> dict[str, Any] | None:
        if count not in self._parsed:
            try:
                self._parsed[count] = tomllib.loads("".join(self._lines[:count]))
            except tomllib.TOMLDecodeError:
                self._parsed[count] = None
        return self._parsed[count]
