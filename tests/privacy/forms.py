"""Forms in which a text may stand inside another."""

from __future__ import annotations

import base64
import json
from math import ceil
from os.path import commonprefix
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.privacy.samples import Sample

FORMS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps({"a": [1, {"value": text}]}),
    "JSON in JSON": lambda text: json.dumps({"a": json.dumps({"value": text})}),
    "JSON in a text": lambda text: f"sent {json.dumps([{'value': text}])} to it",
    "JSON in JSON in a text": lambda text: f"sent {json.dumps(json.dumps({'v': text}))} to it",
    "repr": lambda text: repr({"value": text}),
    "repr in a text": lambda text: f"called with ({text!r}, 7)",
    "repr of bytes": lambda text: repr(text.encode()),
    "percent": lambda text: quote(text, safe=""),
    "percent, twice": lambda text: (
        f"https://x.example/?next={quote(quote(text, safe=''), safe='')}"
    ),
    "percent, form": lambda text: f"a=1&value={quote_plus(text)}&b=2",
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in a path": lambda text: (
        f"https://x.example/verify/{base64.urlsafe_b64encode(text.encode()).decode()}"
    ),
    "base64, within": lambda text: (
        f"data:text/plain;base64,{base64.b64encode(b'x: ' + text.encode() + b' :x').decode()}"
    ),
    "base64 of JSON": lambda text: (
        f"body {base64.b64encode(json.dumps({'value': text}).encode()).decode()}"
    ),
}
"""Name → how a text is spelled so."""


def _as_it_is(text: str) -> str:
    return text


def cut(sample: Sample, share: float, spell: Callable[[str], str] = _as_it_is) -> str:
    """Cut a text within its last secret, as the SDK does with long values."""
    secret = sample.secrets[-1]
    end = sample.text.rindex(secret) + ceil(len(secret) * share)
    before = "long text " * 3
    whole, begun = (spell(before + text) for text in (sample.text, sample.text[:end]))
    return f"{commonprefix((whole, begun))}..."  # noqa: RUF071  # no paths: characters are meant
