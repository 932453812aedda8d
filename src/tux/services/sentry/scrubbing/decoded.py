"""Secrets in a run of text that is spelled another way: base64, percent-encoded, escaped.

A run is decoded and looked at; it is replaced only when there was something to remove.
"""

from __future__ import annotations

import base64
import html
import re
import string
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_plus

from tux.services.sentry.scrubbing.markers import MARKER, marker

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST: Final = 16
"""Characters that a run of base64 has at least to be decoded."""
_HEAD: Final = 16
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST},}}+")
_TO_STANDARD = str.maketrans("-_", "+/")
_PRINTABLE = string.printable.encode()
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPES = re.compile(r"\\u00([2-7][0-9a-fA-F])|\\(/)|\\x([2-7][0-9a-fA-F])")
_ENTITY = re.compile(r"&(?:amp|quot|lt|gt|#x?[0-9a-fA-F]{2,3});")


def unspelled(run: str, scrub: Callable[[str], str]) -> str:
    """Scrub a run without spaces by what its percent signs, escapes and entities say."""
    if "+" in run and "=" in run and ("&" in run or "%" in run):
        run = _through(run, unquote_plus, scrub)
    if "%" in run and _PERCENT.search(run):
        run = _through(run, unquote, scrub)
    if "\\u00" in run or "\\/" in run or "\\x" in run:
        run = _through(run, _unescaped, scrub)
    if "&" in run and _ENTITY.search(run):
        run = _through(run, html.unescape, scrub)
    return run


def out_of_base64(run: str, scrub: Callable[[str], str]) -> str:
    """Scrub a run without spaces by what its base64 says."""
    return _BASE64.sub(lambda match: _base64(match[0], scrub), run)


def _through(run: str, decode: Callable[[str], str], scrub: Callable[[str], str]) -> str:
    decoded = decode(run)
    if decoded == run:
        return run
    scrubbed = scrub(decoded)
    return run if scrubbed == decoded else scrubbed


def _unescaped(run: str) -> str:
    return _ESCAPES.sub(
        lambda match: match[2] or chr(int(match[1] or match[3], 16)),
        run,
    )


def _base64(run: str, scrub: Callable[[str], str]) -> str:
    """Replace a run whose text holds a secret; in a path, its segments are looked at, too."""
    # Ids, hashes and most paths have no capitals; base64 of a text does.
    if run.islower():
        return run
    text = _text_of(run)
    if text is not None:
        scrubbed = scrub(text)
        if scrubbed == text:
            return run
        told = MARKER.search(scrubbed)
        return told[0] if told else marker("secret")
    if "/" not in run:
        return run
    segments = run.split("/")
    return "/".join(
        _base64(segment, scrub) if len(segment) >= SHORTEST else segment for segment in segments
    )


def _text_of(run: str) -> str | None:
    """Decode a run if it is text: ids, hashes and paths are none."""
    run = run.translate(_TO_STANDARD)
    try:
        # The beginning tells, at the cost of a few characters.
        if base64.b64decode(run[:_HEAD]).translate(None, _PRINTABLE):
            return None
        return base64.b64decode(run[: len(run) // 4 * 4] + _rest(run)).decode("utf-8", "replace")
    except ValueError:
        return None


def _rest(run: str) -> str:
    """Complete the last group; one character alone says nothing."""
    rest = run[len(run) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""
