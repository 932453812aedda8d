"""Values that are known: every secret of our own settings, wherever it stands."""

from __future__ import annotations

import base64
import html
import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus, unquote, urlsplit

from tux.services.sentry.scrubbing.cuts import cut_of
from tux.services.sentry.scrubbing.keys import trie
from tux.services.sentry.scrubbing.markers import MARKER, marker

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLOCK: Final = 6
"""Characters of the shortest value, and of the pieces by which a part of a value is found."""
_LONG_USER: Final = 16
_REMOVED: Final = marker("secret")


class KnownValues:
    """Remove values wherever they stand, also escaped, percent-encoded, in base64, or a third of one.

    Of a URL, the password and a long user name are removed, by themselves, too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        values: set[str] = set()
        for secret in secrets:
            # Of an address only what is secret in it: "sqlite:///" stands in every text on
            # databases.
            values.update(_url_parts(secret) if "://" in secret else (secret,))
        forms = {
            form
            for value in values
            if len(value) >= _BLOCK
            for form in _encodings(value)
            if len(form) >= _BLOCK and not MARKER.search(form)
        }
        self._places: dict[str, list[tuple[str, int]]] = defaultdict(list)
        """Block → the forms that it stands in, and where."""
        for form in sorted(forms, key=len, reverse=True):
            # So far apart that each part that counts holds a whole one.
            for start in range(0, len(form) - _BLOCK + 1, _third(form) - _BLOCK + 1):
                self._places[form[start : start + _BLOCK]].append((form, start))
        self._longest = max(map(len, forms), default=0)
        self._any = re.compile(trie(self._places)) if forms else None

    @property
    def blocks(self) -> Iterable[str]:
        """Pieces of which one stands in every text with a value or a part of one, percent signs apart."""
        return [block for block in self._places if "%" not in block]

    def may_stand_in(self, text: str) -> bool:
        """Tell whether a part of a value may stand in a text."""
        return self._any is not None and self._any.search(text) is not None

    def removed(self, text: str) -> str:
        """Return the text without the values."""
        if self._any is None:
            return text
        parts: list[str] = []
        done = position = 0
        cut = cut_of(text)
        while block := self._any.search(text, position):
            start, end = max(
                (_around(text, block.start(), form, place, done) for form, place in self._places[block[0]]),
                key=_length,
            )  # fmt: skip
            if start == end and cut is not None and cut - block.start() < self._longest:
                start, end = self._cut(text, block, cut)
            if start == end:
                position = block.start() + 1
                continue
            parts += [text[done:start], _REMOVED]
            done = position = end
        return "".join(parts) + text[done:] if parts else text

    def _cut(self, text: str, block: re.Match[str], cut: int) -> tuple[int, int]:
        """Give the span of what is left of a form where the text was cut; a word alone is everybody's."""
        start = block.start()
        for form, place in self._places[block[0]]:
            end = start + _common(text[start : start + len(form)], form)
            if place == 0 and end == cut and not text[start:end].isalpha():
                return start, end
        return 0, 0


def _third(form: str) -> int:
    """Tell how much of a form is one as far as it goes."""
    return min(len(form), max(8, (len(form) + 2) // 3))


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _around(text: str, position: int, form: str, place: int, done: int) -> tuple[int, int]:
    """Give the span of a form's part that stands around a block; an empty one where it is too short."""
    before = _common(text[max(done, position - place) : position][::-1], form[:place][::-1])
    after = _common(text[position : position + len(form)], form[place:])
    part = form[place - before : place + after]
    # A word in the middle of a pass phrase is everybody's.
    counts = len(part) >= _third(form) and (
        before == place or len(part) * 2 >= len(form) or not _is_plain(part)
    )
    return (position - before, position + after) if counts else (0, 0)


def _is_plain(part: str) -> bool:
    """Tell words from what was drawn by chance: it mixes digits or capitals with small letters."""
    return not any(map(str.isdigit, part)) and part in (part.lower(), part.title(), part.upper())


def _common(text: str, form: str) -> int:
    """Count the characters with which both begin."""
    most = min(len(text), len(form))
    # Mostly all or nothing.
    if text[:most] == form[:most]:
        return most
    at = 0
    while text[at] == form[at]:
        at += 1
    return at


def _url_parts(secret: str) -> set[str]:
    try:
        parts = urlsplit(secret)
        password, user = parts.password, parts.username
    except ValueError:
        return set()
    found = {password, unquote(password)} if password else set()
    # The key of a DSN is a user name; a database's "postgres" is no secret.
    return found | ({user} if user and len(user) >= _LONG_USER else set())


def _encodings(secret: str) -> set[str]:
    """Return the forms in which a known secret may turn up: as it is, escaped, percent-encoded, base64."""
    raw = secret.encode()
    once = _escaped(secret)
    forms = once.union(*map(_escaped, once))
    # Read by who took it for something else.
    forms.add(raw.decode("latin-1"))
    forms |= {unquote(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)}
    forms.add("".join(f"%{byte:02X}" if not chr(byte).isalnum() else chr(byte) for byte in raw))
    # Within a longer base64 text a value has one of three forms, by its offset; the characters at
    # the borders also depend on the neighbours and are left off.
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            encoded = encode(b"\0" * offset + raw).decode().rstrip("=")
            forms.add(encoded[(0, 2, 3)[offset] : -1])
    return forms


def _escaped(text: str) -> set[str]:
    """Spell a text as it stands between the quotes of JSON, of Python's texts and bytes, and of HTML."""
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
        # With both quotes in what surrounds it.
        repr(f"\"'{text}")[4:-1],
        ascii(text)[1:-1],
        repr(text.encode())[2:-1],
        html.escape(text),
    }
