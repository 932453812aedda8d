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
    from collections.abc import Iterator

    from tux.services.sentry.scrubbing.scrubber import Scrubber

_PART: Final = 4_000
"""Characters of a long text that are looked at together; a part ends with a line."""
_LONGEST_PART: Final = 80_000
_COMPRESSED: Final = (
    *(
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"BZh",
        b"\xfd7zXZ\x00",
        b"\x28\xb5\x2f\xfd",
        b"7z\xbc\xaf\x27\x1c",
    ),
)
"""How archives begin: nobody sees what is in them."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PRINTED = re.compile(rb"[\t\r\n\x20-\x7e]{6,}+")
_PRINTED_WIDE = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){6,}+")


def scrubbed_bytes(payload: bytes, scrubber: Scrubber) -> bytes:
    """Remove secrets; what can be read as text is, and archives do not leave."""
    if payload.startswith(_COMPRESSED):
        return marker("archive").encode()
    for encoding in ("utf-16",) if payload.startswith(_UTF16) else ("utf-8", "utf-8-sig"):
        try:
            text = payload.decode(encoding)
        except UnicodeDecodeError:
            continue
        told = _text(text, scrubber)
        return payload if told == text else told.encode(encoding)
    return _binary(payload, scrubber)


def _binary(payload: bytes, scrubber: Scrubber) -> bytes:
    """Look at what a viewer of a binary file would read in it."""

    def printed(match: re.Match[bytes]) -> bytes:
        return _text(match[0].decode("ascii"), scrubber).encode()

    def wide(match: re.Match[bytes]) -> bytes:
        return _text(match[0].decode("utf-16-le"), scrubber).encode("utf-16-le")

    payload = _PRINTED.sub(printed, scrubber.known_bytes(payload))
    return _PRINTED_WIDE.sub(wide, payload) if b"\x00" in payload else payload


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
