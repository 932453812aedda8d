"""Patterns that a person writes into the settings, on an engine that is linear whatever they are.

RE2 has no look-around and no back-references: what it cannot match in one pass it refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from tux.shared.at_exit import ended_before_exit

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import re2
except ImportError:
    re2 = None

MOST_PATTERNS: Final = 64
LONGEST_PATTERN: Final = 1_000
MOST_MEMORY: Final = 1 << 20
"""Bytes that one compiled pattern may take."""
INSTALL: Final = "own patterns need google-re2: pip install google-re2"


_NOT_IN_RE2: Final = re.compile(r"\(\?(?:[=!]|<[=!]|\()|(?<!\\)(?:\\\\)*\\[1-9]")
_IN_NEITHER: Final = (
    "missing )",
    "unbalanced parenthesis",
    "unterminated character set",
    "nothing to repeat",
)
_SCANNER_MEMORY: Final = 64 << 20


class Found(Protocol):
    """What is used of a match."""

    def start(self) -> int:
        """Tell where it begins."""


class Pattern(Protocol):
    """What is used of a compiled pattern."""

    @property
    def pattern(self) -> str:
        """What was compiled."""

    def search(self, text: bytes, /) -> object:
        """Find the first place that fits; None where there is none."""

    def sub(self, replacement: bytes, text: bytes, /) -> bytes:
        """Replace what fits."""


@dataclass(frozen=True)
class _Careful:
    """A pattern that any thread may use, also while Python ends."""

    pattern: str
    search: Callable[[bytes], object]
    sub: Callable[[bytes, bytes], bytes]


def compiled(patterns: tuple[str, ...]) -> tuple[Pattern, ...]:
    """Compile patterns.

    Raises:
        ValueError: RE2 is not installed, or one cannot be used. Says which one by its number: its
            text may tell what shall stay at home.
    """
    if not patterns:
        return ()
    if len(patterns) > MOST_PATTERNS:
        raise ValueError(f"at most {MOST_PATTERNS} patterns")
    if re2 is None:
        for number, pattern in enumerate(patterns, 1):
            _look_at(number, pattern)
        raise ValueError(INSTALL)
    return tuple(_compiled(number, pattern) for number, pattern in enumerate(patterns, 1))


def _look_at(number: int, pattern: str) -> None:
    """Tell what is wrong with a pattern as far as it can be told without RE2.

    Raises:
        ValueError: something is.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"pattern {number} is longer than {LONGEST_PATTERN} characters")
    reason = _fault(pattern)
    if reason is not None:
        raise ValueError(
            f"pattern {number} is none of RE2's ({reason}): https://github.com/google/re2/wiki/Syntax"
        )


def _fault(pattern: str) -> str | None:
    if _NOT_IN_RE2.search(pattern):
        return "it looks around or back"
    try:
        made = re.compile(pattern)
    except re.error as error:
        # RE2 knows escapes that Python does not.
        return next((told for told in _IN_NEITHER if error.msg.startswith(told)), None)
    return "it fits an empty text, and so everywhere" if made.search("") is not None else None


def _compiled(number: int, pattern: str) -> Pattern:
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"pattern {number} is longer than {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        made: Pattern = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else b""
        # What follows the colon is a piece of the pattern.
        reason = (said.decode() if isinstance(said, bytes) else str(said)).partition(":")[0]
        raise ValueError(
            f"pattern {number} is none of RE2's ({reason}): https://github.com/google/re2/wiki/Syntax"
        ) from None
    if made.search(b"") is not None:
        raise ValueError(f"pattern {number} fits an empty text, and so everywhere")
    return _Careful(pattern, ended_before_exit(made.search), ended_before_exit(made.sub))


def scanner(pattern: str) -> Callable[..., Found | None] | None:
    """Compile one of our own patterns, for ASCII, to search from a place on; None where RE2 is not installed."""
    if re2 is None:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _SCANNER_MEMORY
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    search: Callable[..., Found | None] = re2.compile(pattern.encode(), options).search
    return ended_before_exit(search)
