"""What whoever runs the bot adds to the rules, and takes from them.

Names and patterns of his own are removed, names and values that he lists are kept. A known value of
our own settings is removed before all this, so that no list lets it pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from tux.services.sentry.scrubbing.keys import trie
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.names import TELLING, kind_of_key, kind_of_name, words_of
from tux.services.sentry.scrubbing.pairs import kind_of_pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tux.shared.patterns import Pattern

CONTENT: Final = frozenset({"content", "ban reason"})
"""Kinds of what a member wrote."""
_BY_NAME: Final = "by name"
_BY_PATTERN: Final = marker("by pattern").encode()
_TOO_MUCH: Final = marker("by pattern")
_MOST_GROWTH: Final = 4
"""A pattern that fits everywhere makes a long text of markers: then one stands for all of it."""
_CACHED: Final = 4_096
_ANCHOR: Final = re.compile(r"(?<!\[)\^|[$]|\\[AzQ]")


@dataclass(frozen=True)
class OwnRules:
    """What one bot wants removed and kept besides."""

    names: frozenset[str] = frozenset()
    """Values of these names are removed, in any spelling, also where a longer name holds them."""
    patterns: tuple[Pattern, ...] = ()
    """What fits one of these is removed from texts."""
    kept_names: frozenset[str] = frozenset()
    """These names, whole and in any spelling, say nothing of their values."""
    kept_values: frozenset[str] = frozenset()
    """These values are kept where they stand alone, or as a word of their own in a text."""
    content: bool = False
    """Whether what members write may leave."""

    @cached_property
    def kind_of(self) -> Callable[[str], str | None]:
        """Tells what a value of a name is; the same function for all who change nothing."""
        if not (self.names or self.kept_names or self.content):
            return kind_of_key
        return lru_cache(_CACHED)(self._kind_of)

    def kind_of_pair(self, field: str, name: str) -> str | None:
        """Tell what the value beside ``"name": "password"`` is."""
        return self._told(kind_of_pair(field, name, self.kind_of))

    @cached_property
    def may_name_ids(self) -> bool:
        """Whether one of these rules may tell an id from another."""
        names = "".join(self.names | self.kept_names)
        return bool(self.patterns or self.kept_values) or any(map(str.isdigit, names))

    @cached_property
    def _may_be_anchored(self) -> bool:
        """Whether a pattern may tell where a text begins or ends: in JSON it does so nowhere."""
        return any(_ANCHOR.search(pattern.pattern) for pattern in self.patterns)

    def _kind_of(self, name: str) -> str | None:
        words = words_of(name)
        joined = "".join(words)
        if joined in self._kept:
            return None
        return _BY_NAME if self._holds(words) else self._told(kind_of_name(name))

    def _told(self, kind: str | None) -> str | None:
        return None if self.content and kind in CONTENT else kind

    def _holds(self, words: list[str]) -> bool:
        added = self._added
        return any(
            "".join(words[start:end]) in added
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
        )

    @cached_property
    def telling(self) -> re.Pattern[str]:
        """Finds, in lower case, what all telling names begin with or hold."""
        added = (words[0] for name in self.names if (words := words_of(name)))
        return re.compile(trie({*TELLING, *added}))

    @cached_property
    def _added(self) -> frozenset[str]:
        return frozenset("".join(words_of(name)) for name in self.names)

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset("".join(words_of(name)) for name in self.kept_names)

    def fits(self, text: str) -> bool:
        """Tell whether a pattern fits a text."""
        raw = text.encode("utf-8", "replace") if self.patterns else b""
        return any(pattern.search(raw) is not None for pattern in self.patterns)

    def may_fit(self, written: bytes) -> bool:
        """Tell whether a pattern may fit a text in JSON."""
        if not self.patterns:
            return False
        if self._may_be_anchored:
            return True
        texts = written.decode("unicode_escape").encode("utf-16", "surrogatepass")
        return self.fits(texts.decode("utf-16", "replace"))

    def without_patterns(self, text: str) -> str:
        """Remove what the patterns fit."""
        for pattern in self.patterns:
            raw = text.encode("utf-8", "replace")
            if pattern.search(raw) is None:
                continue
            removed = pattern.sub(_BY_PATTERN, raw)
            if len(removed) > _MOST_GROWTH * len(raw) + len(_TOO_MUCH):
                return _TOO_MUCH
            text = removed.decode("utf-8", "replace")
        return text

    def set_aside(self, text: str) -> tuple[str, dict[str, str]]:
        """Put placeholders, which every rule spares, in the place of values that are kept.

        Only where one is a word of its own: a part of a longer word may be a part of a secret.
        """
        if self._keeping is None or self._keeping.search(text) is None:
            return text, {}
        places: dict[str, str] = {}

        def place(match: re.Match[str]) -> str:
            held = f"{{kept_{len(places)}}}"
            # Somebody may have written it himself.
            if held in text:
                return match[0]
            places[held] = match[0]
            return held

        return self._keeping.sub(place, text), places

    @cached_property
    def _keeping(self) -> re.Pattern[str] | None:
        if not self.kept_values:
            return None
        # Literals, the longest first, between what ends a word: linear.
        values = "|".join(re.escape(value) for value in sorted(self.kept_values, key=len)[::-1])
        return re.compile(
            rf"(?<![^\s\"'()\[\]{{}}<>,;:=&|])(?:{values})(?=[\s\"'()\[\]{{}}<>,;&|]|[.:!?]?(?:\s|\Z))"
        )


NONE: Final = OwnRules()
