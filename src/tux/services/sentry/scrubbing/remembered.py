"""Texts that were looked at: lines of source, names and categories come again with every event."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 4_096
_CHARACTERS: Final = 4_000_000


class RememberedTexts:
    """What was found of texts, up to a number of characters."""

    def __init__(self) -> None:
        self.clean: set[str] = set()
        """Texts that hold nothing to remove."""
        self._dirty: dict[str, str] = {}
        self._long = ("", "")
        """The last long text: it is asked for again when it is not clean."""
        self._characters = 0

    def told(self, text: str) -> str | None:
        """Give what is left of a text that is not clean; None for one that is new."""
        # Read once: another thread may be at it.
        long, told = self._long
        return told if text is long else self._dirty.get(text)

    def remember(self, text: str, scrubbed: str) -> None:
        """Keep what is left of a text."""
        if len(text) > _LONGEST:
            self._long = (text, scrubbed)
            return
        self._characters += len(text) + len(scrubbed)
        if self._characters > _CHARACTERS:
            self.clean.clear()
            self._dirty.clear()
            self._characters = 0
        if scrubbed == text:
            self.clean.add(text)
        else:
            self._dirty[text] = scrubbed
