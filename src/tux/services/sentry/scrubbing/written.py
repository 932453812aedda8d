"""Data → JSON, as the SDK writes it, and what can be told of JSON by its bytes."""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":"))


def written(data: Any) -> bytes | None:
    """Return data as JSON; None when it cannot be."""
    try:
        return _ENCODER.encode(data).encode()
    except (TypeError, ValueError, RecursionError):
        return None


def spelled(text: str) -> bytes:
    """Return a text as JSON."""
    return encode_basestring_ascii(text).encode()


def holds_longer(json_: bytes, length: int) -> bool:
    """Tell whether a text in JSON may be longer than this."""
    return len(json_) > length and any(
        len(piece) > length for piece in json_.replace(b'\\"', b"").split(b'"')
    )


def tree_of(text: str) -> Any:
    """Return what a text says as JSON; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
