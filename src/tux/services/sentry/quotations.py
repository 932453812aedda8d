"""What a member wrote, where the code's own sentences quote it.

A text does not say that it is somebody's: ``no such city: 'little whinging'``. But a unit of work
knows the message, the form or the options that it was called with, so these are looked for in what
leaves of it.
"""

from __future__ import annotations

import json
import re
from operator import is_
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from tux.services.sentry.anonymous import TAGS
from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.plans import IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTENT: Final = marker("content")
SHORTEST: Final = 4
"""Characters of what is found where nothing shows that it is quoted: "on" is anybody's word."""
SHORTEST_QUOTED: Final = 2
LONGEST: Final = 4_096
"""Characters of one text of a member's that are looked for; Discord takes as many."""
MOST_TEXTS: Final = 32
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
_A_LETTER: Final = re.compile(r"[^\W\d_]")
_ADDRESSED: Final = re.compile(r"<(?:@[!&]?|#|a?:\w{1,32}:|/[\w -]{1,99}:)\d{15,20}>")
"""A mention: an id in the form in which Discord writes it."""
_QUOTED: Final = re.compile(r"""(['"`])((?:(?!\1)[^\\]|\\.){2,1024})\1""")


class Quotations:
    """Texts that members have written, to be taken out of others.

    Args:
        texts: what was written.
        names: of commands: whoever writes one has quoted the bot.
        code: lines that leave with the event: what stands in them in quotes is the code's own word,
            though a member may have used it, too.
    """

    def __init__(self, texts: Iterable[str], names: Iterable[str] = (), code: str = "") -> None:
        names = {name.casefold() for name in names}
        told = dict.fromkeys(
            stripped
            for text in texts
            if (stripped := _ADDRESSED.sub(" ", text[:LONGEST]).strip())
            and _A_LETTER.search(stripped)
            and stripped.casefold() not in names
        )
        self._texts = tuple(told)[:MOST_TEXTS]
        self._names = names
        self._code = code
        self._spellings = tuple(sorted(_spellings(self._texts), key=len, reverse=True))

    def __bool__(self) -> bool:
        """Tell whether anything was written."""
        return bool(self._texts)

    def removed(self, text: str) -> str:
        """Return a text without what was written."""
        for spelling in self._spellings:
            if spelling in text:
                text = _standing_alone(spelling).sub(CONTENT, text)
        if "'" in text or '"' in text or "`" in text:
            text = _QUOTED.sub(self._unquoted, text)
        return text

    def _unquoted(self, match: re.Match[str]) -> str:
        said = match[2]
        if said.casefold() in self._names or not _A_LETTER.search(said):
            return match[0]
        if any(f"{sign}{said}{sign}" in self._code for sign in ("'", '"')):
            return match[0]
        # As repr writes it.
        plain = re.sub(r"\\(.)", r"\1", said) if "\\" in said else said
        if not any(said in text or plain in text for text in self._texts):
            return match[0]
        return f"{match[1]}{CONTENT}{match[1]}"


def _spellings(texts: Iterable[str]) -> set[str]:
    """Write each text as it is, and as ``repr``, JSON and addresses have it."""
    return {
        spelling
        for text in texts
        if len(text) >= SHORTEST
        for spelling in (
            text,
            repr(text)[1:-1],
            json.dumps(text)[1:-1],
            quote(text),
            quote_plus(text),
        )
    }


def _standing_alone(spelling: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if spelling[0].isalnum() else ""
    after = r"(?!\w)" if spelling[-1].isalnum() else ""
    return re.compile(f"{before}{re.escape(spelling)}{after}")


def without_quotations(event: Mapping[str, Any], written: Quotations) -> dict[str, Any]:
    """Return the parts of an event that quote what was written, without it."""
    return {
        name: told
        for name in _PARTS
        if (part := event.get(name)) is not None and (told := _walk(part, written, 0)) is not part
    }


def _walk(data: Any, written: Quotations, depth: int) -> Any:
    """Look through a tree; what is clean in it is not copied."""
    if isinstance(data, str):
        return written.removed(data)
    if depth > MOST_DEPTH:
        return data
    if isinstance(data, dict):
        changed: dict[Any, Any] = {}
        if str(data.get("op")).startswith(_OF_EXTENSIONS):
            return data
        for name, value in data.items():
            # Most of a span are numbers and ids.
            if value is None or type(value) in _NO_TEXT or name in _OWN:
                continue
            told = _walk(value, written, depth + 1)
            if told is not value:
                changed[name] = told
        return data | changed if changed else data
    if isinstance(data, list | tuple):
        several = [_walk(value, written, depth + 1) for value in data]
        return data if all(map(is_, several, data)) else several
    return data
