"""Data → JSON, as the SDK writes it, and what can be told of JSON by its bytes."""

from __future__ import annotations

import codecs
import json
import re
from json.encoder import encode_basestring_ascii
from typing import Any, Final

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]  # the standard library's writes the same, more slowly

_ENCODER: Final = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":"))
_OPTIONS: Final = sum(
    getattr(orjson, f"OPT_PASSTHROUGH_{kind}", 0) for kind in ("DATACLASS", "DATETIME", "SUBCLASS")
)
"""What is no JSON is refused, enums and UUIDs apart: the scrubber says what becomes of it."""
_ESCAPES: Final = "tux.json-escapes"
_MOST_ESCAPED: Final = 256
"""Bytes besides one a letter up to which it is quicker to escape what orjson wrote than to write anew."""
_QUOTE: Final = re.compile(rb'[^\\]"')


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Spell letters that are no ASCII by their numbers, as the standard library does."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return encode_basestring_ascii(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(_ESCAPES, _escaped)


def as_json(data: Any) -> bytes:
    """Return data as JSON, all of it ASCII.

    Raises:
        TypeError, ValueError, RecursionError: it cannot be.
    """
    json_ = _quickly(data)
    return _ENCODER.encode(data).encode() if json_ is None else json_


def _quickly(data: Any) -> bytes | None:
    """Return data as JSON; None where orjson is not installed, or refuses."""
    if orjson is None:
        return None
    try:
        json_ = orjson.dumps(data, None, _OPTIONS)
    except TypeError:
        # Whole numbers of more than 64 bits, names that are no texts, half of a letter.
        return None
    if not json_.isascii():
        text = json_.decode()
        if len(json_) - len(text) > _MOST_ESCAPED:
            return None
        json_ = text.encode("ascii", _ESCAPES)
    # The look at JSON takes this sign, too, for an escape.
    return json_.replace(b"\x7f", b"\\u007f") if b"\x7f" in json_ else json_


def written(data: Any) -> bytes | None:
    """Return data as JSON; None when it cannot be."""
    try:
        return as_json(data)
    except (TypeError, ValueError, RecursionError):
        return None


def strictly_written(data: Any) -> bytes | None:
    """Return data as JSON; None when something in it is none by itself, as a UUID."""
    try:
        return _ENCODER.encode(data).encode()
    except (TypeError, ValueError, RecursionError):
        return None


def spelled(text: str) -> bytes:
    """Return a text as JSON."""
    return encode_basestring_ascii(text).encode()


def holds_longer(json_: bytes, length: int) -> bool:
    """Tell whether a text in JSON may be longer than this: it is rather told than not."""
    half = length // 2
    # A longer one would fill one of these pieces.
    return any(
        _QUOTE.search(json_, start, start + half) is None
        for start in range(0, len(json_) - half, half)
    )


def tree_of(text: str) -> Any:
    """Return what a text says as JSON; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
