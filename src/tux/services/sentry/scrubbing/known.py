"""Values that are known: every secret of our own settings, wherever it stands."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, urlsplit

from tux.services.sentry.scrubbing.markers import MARKER, marker

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORTEST = 6
_LONG_USER = 16
_REMOVED = marker("secret")
# All of it may be of an id or a time, or a number's end or beginning stands in it.
_ID_LIKE = re.compile(
    r"^[0-9a-fxTZ:.+ -]+$|(?:^|[^A-Za-z0-9+/_=.-])(?:\d+|0x[0-9a-f]*)(?:$|[^A-Za-z0-9+/_=.-])"
)


class KnownValues:
    """Remove values wherever they stand, also percent-encoded, in base64 or cut.

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
            if len(value) >= _SHORTEST
            for form in _encodings(value)
            if len(form) >= _SHORTEST and not MARKER.search(form)
        }
        starts = {form[: max(8, (len(form) + 2) // 3)] for form in forms}
        self._starts = [
            (start, [form for form in forms if form.startswith(start)])
            for start in sorted(starts, key=len, reverse=True)
        ]
        self._id_like = [start for start, _ in self._starts if _ID_LIKE.search(start)]
        self.pieces = [start for start, _ in self._starts]
        """Of a value at least one stands in each text that it stands in."""
        self._shortest = min(map(len, starts), default=0)

    def may_stand_in_id(self, text: str) -> bool:
        """Tell whether a value that looks like an id, or like a part of one, begins in a text."""
        return any(start in text for start in self._id_like)

    def removed(self, text: str) -> str:
        """Return the text without the values."""
        if len(text) < self._shortest:
            return text
        for start, forms in self._starts:
            if start not in text:
                continue
            parts: list[str] = []
            done, position = 0, text.find(start)
            while position >= 0:
                # A value that was cut is a secret as far as it goes.
                end = position + max(_common(text, position, form) for form in forms)
                parts += [text[done:position], _REMOVED]
                done, position = end, text.find(start, end)
            text = "".join(parts) + text[done:]
        return text


def _common(text: str, position: int, form: str) -> int:
    piece = text[position : position + len(form)]
    return next(
        (i for i, (a, b) in enumerate(zip(piece, form, strict=False)) if a != b), len(piece)
    )


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
    """Return the forms in which a known secret may turn up: as it is, percent-encoded, base64."""
    raw = secret.encode()
    forms = {secret, unquote(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)}
    forms.add("".join(f"%{byte:02X}" if not chr(byte).isalnum() else chr(byte) for byte in raw))
    # Within a longer base64 text a value has one of three forms, by its offset; the characters at
    # the borders also depend on the neighbours and are left off.
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            encoded = encode(b"\0" * offset + raw).decode().rstrip("=")
            forms.add(encoded[(0, 2, 3)[offset] : -1])
    return forms
