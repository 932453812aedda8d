"""Statements and what databases say of them: the values in them are somebody's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tux.services.sentry.scrubbing.markers import MARKER, marker, put_in
from tux.services.sentry.scrubbing.pairs import quoted
from tux.services.sentry.scrubbing.spans import bracketed_end, quoted_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.services.sentry.scrubbing.own_rules import OwnRules

_CONTENT = marker("content")

_PARAMETERS = "[parameters: "
_AFTER_PARAMETERS = "(Background on this error"
_ROW = re.compile(
    r"(Failing row contains \()(?!\[removed: )(?:.*?(?=\)\.?(?:[\n\"']|\\{1,8}[n\"']|\Z))|.*)",
    re.DOTALL,
)
_KEY_VALUE = re.compile(r"(Key \([^()\n]{1,200}\)=\()(?![\d, ]*\)|\[removed: )([^()\n]*+)")


_EXPLAINS = re.compile(
    r"invalid input for query argument \$\d{1,5}[^:\n]{0,60}: [bru]?"
    r"|invalid input (?:syntax|value) for [^:\n]{1,60}: |field value out of range: "
    r"|malformed \w{1,12} literal: |input_value="
    r"|\[(?:cached since|generated in|raw sql|no key|caching disabled)[^\]\n]{0,60}\] "
)
"""What databases, SQLAlchemy's log and pydantic write before the value that somebody gave."""
_LONGEST_INPUT = 2_000
_OPENS = re.compile(r"(?:(\\{0,15}[\"'])|[\[{(](?![)\]}]))")
_IN_SQL = re.compile(
    r"\b(?:password|identified\s{1,3}by)\s{1,3}(\\{0,15}'|\\{1,15}\"|\"(?!\s|[,:}\])]))(?!\[removed: )",
    re.IGNORECASE,
)
_INSERT = re.compile(
    r"\binsert\s{1,3}into\s[^()]{1,100}\(([^()]{1,500})\)\s{0,3}values\s{0,3}(?=\()", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"']")


def statements(text: str) -> str:
    """Remove the values with which a database's error explains itself."""
    if _PARAMETERS in text:
        text = put_in(text, _parameters(text))
    if "Failing row contains (" in text:
        text = _ROW.sub(lambda match: match[1] + _CONTENT, text)
    if "Key (" in text:
        text = _KEY_VALUE.sub(lambda match: match[1] + _CONTENT, text)
    return put_in(text, _explained(text)) if _EXPLAINS.search(text) else text


def _explained(text: str) -> Iterator[tuple[int, int, str]]:
    """Find the value that stands, in quotes or brackets, behind what says that it does not fit."""
    done = 0
    for match in _EXPLAINS.finditer(text):
        start = match.end()
        opening = _OPENS.match(text, start) if match.start() >= done else None
        if opening is None:
            continue
        # Pydantic cuts a long value in the middle: its quotes and brackets need not match.
        end = (
            text.find(", input_type=", start, start + _LONGEST_INPUT)
            if match[0] == "input_value="
            else -1
        )
        if end < 0 and opening[1]:
            start = opening.end()
            end = quoted_end(text, opening[1], start)
        elif end < 0:
            end = bracketed_end(text, start) + 1
        if not text.startswith("[removed: ", start):
            yield start, end, _CONTENT
            done = end


def _parameters(text: str) -> Iterator[tuple[int, int, str]]:
    position = text.find(_PARAMETERS)
    while position >= 0:
        start = position + len(_PARAMETERS)
        end = text.find(_AFTER_PARAMETERS, start)
        end = end if end >= 0 else len(text)
        if text.startswith(_CONTENT, start):
            end = start + len(_CONTENT)
        else:
            yield start, end, f"{_CONTENT}] "
        position = text.find(_PARAMETERS, end)


def scrub_statements(text: str, own: OwnRules) -> str:
    """Remove passwords that a statement sets, and rows with a column of a telling name."""
    lowered = text.lower()
    if "password " in lowered or "identified" in lowered:
        text = quoted(text, _IN_SQL, 1, lambda _: "password")
    if "insert" in lowered and "values" in lowered:
        text = put_in(text, _inserted(text, own))
    return text


def _inserted(text: str, own: OwnRules) -> Iterator[tuple[int, int, str]]:
    """Find the values of a row that has a column of a telling name, unless they are placeholders."""
    past = 0
    for match in _INSERT.finditer(text):
        kind = next(filter(None, map(own.kind_of, match[1].split(","))), None)
        if kind is None or match.start() < past:
            continue
        start, end = match.end() + 1, bracketed_end(text, match.end())
        past = end
        if MARKER.fullmatch(text, start, end) or not _QUOTED.search(text, start, end):
            continue
        yield start, end, marker(kind)
