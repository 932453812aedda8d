"""The bytes of an attachment → the same without secrets, whether they are text or not."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.scrubbing.markers import marker
from tux.services.sentry.scrubbing.rules import private_keys
from tux.services.sentry.scrubbing.written import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tux.services.sentry.scrubbing.scrubber import Scrubber

_PART: Final = 4_000
"""Characters of a long text that are looked at together; a part ends with a line."""
_LONGEST_PART: Final = 80_000
_COMPRESSED: Final = (
    *(b"\x1f\x8b", b"\x1f\x9d", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"),
    *(b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x04\x22\x4d\x18"),
)
"""How archives begin: nobody sees what is in them."""
_ZLIB: Final = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
"""How a stream of zlib begins, when it is no text."""
_MARKED: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # Its mark begins as UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# With the blank that does not break, which stands within numbers of cards: latin-1 or UTF-8.
_PRINTED = re.compile(rb"[\t\r\n\x20-\x7e\xa0\xc2]{6,}+")
_WIDE: Final = {
    # A sign before it may be the first letter in the other order of bytes.
    "utf-32-be": re.compile(rb"(?<![\t\r\n\x20-\x7e])(?:\x00\x00\x00[\t\r\n\x20-\x7e]){6,}+"),
    "utf-32-le": re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00\x00\x00){6,}+"),
    "utf-16-be": re.compile(rb"(?<![\t\r\n\x20-\x7e])(?:\x00[\t\r\n\x20-\x7e]){6,}+"),
    "utf-16-le": re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){6,}+"),
}
"""Encoding of more than a byte a letter → what a viewer would read of it."""


def scrubbed_bytes(payload: bytes, scrubber: Scrubber) -> bytes:
    """Remove secrets; what can be read as text is, and archives do not leave."""
    if payload.startswith(_COMPRESSED):
        return marker("archive").encode()
    mark, text, encoding = _read(payload)
    if text is None:
        return _binary(payload, scrubber)
    told = _text(text, scrubber)
    return payload if told == text else mark + told.encode(encoding)


def _read(payload: bytes) -> tuple[bytes, str | None, str]:
    """Read bytes as text; give the mark before it, and the encoding, too."""
    for mark, encoding in _MARKED:
        if payload.startswith(mark):
            return mark, _decoded(payload[len(mark) :], encoding), encoding
    # In UTF-8 a letter of UTF-16 is one, and a sign between it and the next.
    for encoding in _WIDE if b"\x00" in payload else ("utf-8",):
        text = _decoded(payload, encoding)
        # The wrong one makes other letters of them.
        if text is not None and (encoding == "utf-8" or _is_mostly_ascii(text)):
            return b"", text, encoding
    return b"", None, "utf-8"


def _decoded(payload: bytes, encoding: str) -> str | None:
    try:
        text = payload.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _is_mostly_ascii(text: str) -> bool:
    return sum(map(str.isascii, text[:_PART])) * 2 > len(text[:_PART])


def _binary(payload: bytes, scrubber: Scrubber) -> bytes:
    """Look at what a viewer of a binary file would read in it."""
    if payload.startswith(_ZLIB):
        return marker("archive").encode()

    def printed(match: re.Match[bytes]) -> bytes:
        return _text(match[0].decode("latin-1"), scrubber).encode("latin-1")

    payload = scrubber.known_bytes(payload)
    if b"\x00" in payload:
        for encoding, pattern in _WIDE.items():
            payload = pattern.sub(_wide(encoding, scrubber), payload)
        pieces = [_decoded(piece, "utf-8") for piece in payload.split(b"\x00")]
        if None not in pieces:
            # Texts with what ends each behind it.
            return b"\x00".join(
                _text(piece, scrubber).encode() for piece in pieces if piece is not None
            )
    return _PRINTED.sub(printed, payload)


def _wide(encoding: str, scrubber: Scrubber) -> Callable[[re.Match[bytes]], bytes]:
    return lambda match: _text(match[0].decode(encoding), scrubber).encode(encoding)


def _text(text: str, scrubber: Scrubber) -> str:
    tree = _json(text)
    if tree is not None:
        scrubbed = scrubber.event(tree)
        return text if scrubbed == tree else json.dumps(scrubbed)
    return "".join(map(scrubber.text, _parts(private_keys(text))))


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    return tree_of(text)


def _parts(text: str) -> Iterator[str]:
    """Cut a text where lines end, or words where a line is long: no secret is cut."""
    start = 0
    while len(text) - start > _PART:
        end = text.rfind("\n", start, start + _PART) + 1
        if end <= start:
            limit = start + _LONGEST_PART
            end = (
                (text.find("\n", start, limit) + 1) or (text.rfind(" ", start, limit) + 1) or limit
            )
        yield text[start:end]
        start = end
    yield text[start:]
