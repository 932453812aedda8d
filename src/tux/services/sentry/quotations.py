"""What a member wrote, where the code's own sentences quote it.

A text does not say that it is somebody's: ``no such city: 'little whinging'``. But a unit of work
knows the message, the form or the options that it was called with, so these are looked for in what
leaves of it.
"""

from __future__ import annotations

import json
import re
from html import escape, unescape
from operator import is_
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, unquote_plus

from tux.services.sentry.anonymous import TAGS
from tux.services.sentry.common_words import COMMON_WORDS
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.plans import IDS, distinct
from tux.services.sentry.scrubbing.scrubber import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONTENT: Final = marker("content")
SHORTEST: Final = 4
"""Characters of what is found where nothing shows that it is quoted: "on" is anybody's word."""
SHORTEST_UNSPACED: Final = 2
LONG: Final = 12
"""Characters from which on it is no part of another word by chance."""
LONGEST: Final = 4_096
"""Characters of one text of a member's that are looked for; Discord takes as many."""
MOST_TEXTS: Final = 32
MOST_QUOTED: Final = 1_024
"""Pieces in quotes of one text that are looked at; no sentence has as many."""
MOST_DEPTH: Final = 12
_PARTS: Final = (
    *("exception", "logentry", "message", "breadcrumbs", "extra", "contexts", "tags", "spans"),
    "fingerprint",
)
"""Of an event, what code has written; the rest are names, ids and lines of code."""
_OWN: Final = frozenset(
    {"stacktrace", "type", "module", "mechanism", "category", "level", "op", "origin", "status"}
    | {"trace", "runtime", "os", "discord", "suppressed", "feedback", "timestamp"}
    | IDS
    | TAGS
)
"""Fields and contexts that are the layer's own, and what a person has written to be read."""
_OF_EXTENSIONS: Final = "extension."
"""Op of spans that are named by a module, which whoever runs the bot may have typed."""
_NO_TEXT: Final = frozenset({bool, int, float})
_QUERIES: Final = ("db", "db.sql.query", "query")
"""Op of spans, or category of breadcrumbs, in which a bare word is a table's or a column's."""
_A_LETTER: Final = re.compile(r"[^\W\d_]")
_UNSPACED: Final = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
)
"""Letters of scripts in which no spaces stand between words, and two letters are one."""
_IS_UNSPACED: Final = re.compile(rf"[{_UNSPACED}]")
_NAME: Final = re.compile(r"[\w.:/-]*", re.ASCII)
"""Of a value in data: what is one may be a member's word, and is mostly the code's."""
_ENCODED: Final = re.compile(r"(?<![^\s\"<>])[^\s\"<>%+]*+[%+][^\s\"<>]*+")
"""A run with a sign that stands for another."""
_ADDRESSED: Final = re.compile(r"<(?:@[!&]?|#|a?:\w{1,32}:|/[\w -]{1,99}:)\d{15,20}>")
"""A mention: an id in the form in which Discord writes it."""
_QUOTED: Final = (
    *(re.compile(rf"(?<!\\)({sign})((?:[^\\{sign}]|\\.){{2,1024}})(?={sign})") for sign in "'\"`"),
    re.compile(
        # Signs that open stand in no text of another: each is gone past once.
        r"([\u2018\u201a\u201c\u201e\xab\u2039])"
        r"([^\u2018\u201a\u201e\xab\u2039\u2019\u201c\u201d\xbb\u203a]{2,1024})"
        r"(?=[\u2019\u201c\u201d\xbb\u203a])"
    ),
)
"""One after the other: of "can't find 'harbour'" the first is none, and its end begins another."""
_NUMBERED: Final = re.compile(r"\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U000[0-9a-fA-F]{5}")
"""A letter by its number, as ``ascii`` and the ``repr`` of bytes have it."""


class Quotations:
    """Texts that members have written, to be taken out of others.

    Args:
        texts: what was written.
        names: of commands: whoever writes one has quoted the bot.
        code: lines that leave with the event: a word of theirs, and what stands in them in quotes, is
            the code's own, though a member may have used it, too.
    """

    def __init__(self, texts: Iterable[str], names: Iterable[str] = (), code: str = "") -> None:
        self._names = {name.casefold() for name in names}
        told = dict.fromkeys(
            piece
            for text in texts
            for piece in _pieces(text[:LONGEST])
            if _A_LETTER.search(_ADDRESSED.sub("", piece)) and not self._is_anybodys(piece)
        )
        self._texts = tuple(told)[:MOST_TEXTS]
        self._lines = tuple(
            (line := " ".join(text.split()), line.casefold()) for text in self._texts
        )
        self._code = code
        longest_first = sorted(_spellings(self._texts), key=len, reverse=True)
        self._spellings = tuple((spelling, spelling.casefold()) for spelling in longest_first)

    def __bool__(self) -> bool:
        """Tell whether anything was written."""
        return bool(self._texts)

    def removed(self, text: str, *, is_query: bool = False) -> str:
        """Return a text without what was written; in a query a bare word is not a member's.

        Of a text that is longer than what the scrubber looks at the rest is cut here, too.
        """
        if len(text) > MAX_TEXT:
            text = f"{text[:MAX_TEXT]}…"
        if "%" in text or "+" in text:
            text = _ENCODED.sub(lambda run: self._decoded(run[0]), text)
        text = self._whole(text, is_query=is_query)
        for quoted in _QUOTED:
            text = quoted.sub(self._unquoted, text, count=MOST_QUOTED)
        return text

    def _whole(self, text: str, *, is_query: bool) -> str:
        folded = text.casefold()
        for spelling, folded_spelling in self._spellings:
            if folded_spelling in folded and not self._is_of_code(spelling, is_query=is_query):
                text = _standing_alone(spelling).sub(CONTENT, text)
        return text

    def _is_of_code(self, spelling: str, *, is_query: bool) -> bool:
        """Tell whether what was found is a bare word that the code has, too."""
        if not spelling.isidentifier():
            return False
        return is_query or _standing_alone(spelling).search(self._code) is not None

    def _decoded(self, run: str) -> str:
        """Look at what an address says, whatever signs of it are percent-encoded."""
        # A plus may be one.
        plain = [unquote(run), *([unquote_plus(run)] if "+" in run else ())]
        told = ((self._whole(one, is_query=False), one) for one in plain if one != run)
        return next((said for said, one in told if said != one), run)

    def _unquoted(self, match: re.Match[str]) -> str:
        sign, said = match.groups()
        if self._is_anybodys(said) or not _A_LETTER.search(said):
            return match[0]
        if any(f"{quote}{said}{quote}" in self._code for quote in ("'", '"')):
            return match[0]
        if not any(self._has(" ".join(plain.split())) for plain in _readings(said)):
            return match[0]
        return f"{sign}{CONTENT}"

    def _has(self, piece: str) -> bool:
        """Tell whether a piece is of what was written, and no two letters of one of its words."""
        folded = piece.casefold()
        return bool(folded) and any(
            folded in folded_line
            and (len(piece) >= LONG or _standing_alone(piece).search(line) is not None)
            for line, folded_line in self._lines
        )

    def _is_anybodys(self, text: str) -> bool:
        folded = text.casefold()
        return folded in self._names or folded in COMMON_WORDS


def _pieces(text: str) -> Iterator[str]:
    """Give a text, and what stands between mentions, which code may have taken out or spelled."""
    pieces = dict.fromkeys((text, *_ADDRESSED.split(text)))
    return filter(None, map(str.strip, pieces))


def _readings(said: str) -> set[str]:
    """Give what may have been meant by what stands in quotes."""
    readings = {said, unescape(said)}
    if "\\" in said:
        # As repr writes it, and as bytes.
        readings.add(re.sub(r"\\(.)", r"\1", said))
        numbered = _NUMBERED.sub(lambda one: chr(int(one[0].lstrip("\\xuU"), 16)), said)
        readings |= {numbered, numbered.encode("latin-1", "replace").decode("utf-8", "replace")}
    return readings


def _spellings(texts: Iterable[str]) -> set[str]:
    """Write each text as it is, in one line, and as ``repr`` and JSON have it."""
    return {
        spelling
        for text in texts
        if len(text) >= (SHORTEST_UNSPACED if _IS_UNSPACED.search(text) else SHORTEST)
        for spelling in (
            text,
            " ".join(text.split()),
            repr(text)[1:-1],
            ascii(text)[1:-1],
            repr(text.encode("utf-8", "replace"))[2:-1],
            escape(text),
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
        )
    }


def _standing_alone(spelling: str) -> re.Pattern[str]:
    """Write a pattern of a text that is no part of a longer word."""
    # A name of the code's goes on behind it, a phrase of a member's does not.
    joined = "" if spelling.isidentifier() else "_"
    letter = rf"[^\W{_UNSPACED}{joined}]"
    before = after = ""
    if len(spelling) < LONG:
        before = rf"(?<!{letter})" if re.match(letter, spelling) else ""
        after = rf"(?!{letter})" if re.match(letter, spelling[-1]) else ""
    return re.compile(f"{before}{re.escape(spelling)}{after}", re.IGNORECASE)


def without_quotations(event: Mapping[str, Any], written: Quotations) -> dict[str, Any]:
    """Return the parts of an event that quote what was written, without it."""
    return {
        name: told
        for name in _PARTS
        if (part := event.get(name)) is not None and (told := _walk(part, written, 0)) is not part
    }


def _walk(data: Any, written: Quotations, depth: int, *, is_query: bool = False) -> Any:
    """Look through a tree; what is clean in it is not copied."""
    if isinstance(data, str):
        return written.removed(data, is_query=is_query)
    if depth > MOST_DEPTH:
        return data
    if isinstance(data, dict):
        return _mapping(data, written, depth, is_query=is_query)
    if isinstance(data, list | tuple):
        several = [_walk(value, written, depth + 1, is_query=is_query) for value in data]
        return data if all(map(is_, several, data)) else several
    return data


def _mapping(data: dict[Any, Any], written: Quotations, depth: int, *, is_query: bool) -> Any:
    kind = data.get("op") or data.get("category")
    if str(kind).startswith(_OF_EXTENSIONS):
        return data
    is_query = is_query or kind in _QUERIES
    changed: dict[Any, Any] = {}
    renamed: dict[Any, str] = {}
    for name, value in data.items():
        # Nearly all are names of the code's.
        if type(name) is str and not name.isidentifier() and not _NAME.fullmatch(name):
            said = written.removed(name)
            if said != name:
                renamed[name] = said
        # Most of a span are numbers and ids.
        if value is None or type(value) in _NO_TEXT or name in _OWN:
            continue
        told = _walk(value, written, depth + 1, is_query=is_query)
        if told is not value:
            changed[name] = told
    told_of = data | changed if changed else data
    if not renamed:
        return told_of
    names = distinct(str(renamed.get(name, name)) for name in data)
    return dict(zip(names, told_of.values(), strict=True))
