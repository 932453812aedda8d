"""Source lines around a call, numbered and coloured. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape
from pygments import highlight  # type: ignore[import-untyped]  # ships no types
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]  # ships no types
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]  # ships no types

from tux.station.pages.display import clipped, plain
from tux.station.wire.fields import sequence

if TYPE_CHECKING:
    from collections.abc import Mapping

AROUND: Final = 8
LONGEST: Final = 300
_QUOTES: Final = ('"""', "'''")
_LEXER: Final = PythonLexer(stripnl=False, ensurenl=False)
_FORMATTER: Final = HtmlFormatter(nowrap=True, classprefix="hl-")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    number: int | None
    code: Markup
    is_current: bool


def source_of(frame: Mapping[str, Any]) -> tuple[Line, ...]:
    """List the lines around a call that a frame has; none without the line itself."""
    current = frame.get("context_line")
    if not isinstance(current, str):
        return ()
    before = [_line(one) for one in sequence(frame.get("pre_context"))[-AROUND:]]
    after = [_line(one) for one in sequence(frame.get("post_context"))[:AROUND]]
    # What is shown may begin within a text: where a call is, it has ended.
    text = "\n".join(before)
    opening = next((quotes for quotes in _QUOTES if text.count(quotes) % 2), "")
    number = frame.get("lineno")
    first = number - len(before) if isinstance(number, int) and abs(number) < 10**7 else None
    return tuple(
        Line(None if first is None else first + place, code, place == len(before))
        for place, code in enumerate(coloured([*before, _line(current), *after], opening))
    )


def coloured(lines: list[str], opening: str = "") -> list[Markup]:
    """Mark the parts of Python up; everything else of a line is escaped.

    Args:
        lines: of a file.
        opening: a line before them that is not shown.
    """
    # The formatter escapes and closes its marks at the end of each line.
    marked = str(highlight("\n".join([opening, *lines]), _LEXER, _FORMATTER))
    found = marked.removesuffix("\n").split("\n")[1:]
    if len(found) == len(lines):
        return [Markup(line) for line in found]  # noqa: S704  # escaped by the formatter
    return [escape(line) for line in lines]


def _line(value: object) -> str:
    line = plain(value).replace("\n", " ") if isinstance(value, str) else ""
    return clipped(line.rstrip(), LONGEST)
