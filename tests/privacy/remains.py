"""What of a secret is left in what leaves, also to somebody who decodes it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNICODE = re.compile(r"\\+u([0-9a-f]{4})")
_BYTES = re.compile(r"(?:\\+x[0-9a-f]{2})+")
_ESCAPED = re.compile(r"\\(.)")
_MARKER = re.compile(r"\[removed: [a-z0-9 -]+\]")
_LENGTH = re.compile(r'"length":\d+')
_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}")


def remains(body: bytes, secrets: Iterable[str]) -> str | None:
    """Find a third of a secret that is left; return it with what stands around it."""
    pieces = [piece for secret in secrets for piece in _pieces(secret)]
    for text in _readings(body):
        for piece in pieces:
            found = text.find(piece)
            if found >= 0:
                return f"{piece!r} in {text[max(0, found - 80) : found + 80]!r}"
    return None


def _pieces(secret: str) -> Iterator[str]:
    """Take so many thirds of a secret that what is left of it holds one."""
    size = min(len(secret), max(6, -(-len(secret) // 3)))
    for start in range(0, len(secret) - size + 1, max(1, size // 4)):
        yield secret[start : start + size]


def _readings(body: bytes) -> Iterator[str]:
    """Read bytes as they are, unescaped, percent-decoded and out of base64."""
    text = body.replace(b"\0", b"").decode("utf-8", "replace")
    text = _LENGTH.sub("", _MARKER.sub("", text))
    yield text
    text = _UNICODE.sub(lambda match: chr(int(match[1], 16)), text)
    text = _BYTES.sub(_read_bytes, text)
    for _ in range(3):
        text = _ESCAPED.sub(r"\1", text)
    yield text
    yield (decoded := unquote(unquote(unquote(text))))
    for run in _RUN.finditer(decoded):
        for start in range(4):
            piece = run[0][start:].replace("-", "+").replace("_", "/")
            try:
                yield base64.b64decode(piece[: len(piece) // 4 * 4]).decode("latin-1")
            except binascii.Error:
                continue


def _read_bytes(match: re.Match[str]) -> str:
    raw = bytes(int(one[-2:], 16) for one in match[0].split("\\") if one)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
