"""Whether secrets stand in bytes: as they are, percent-encoded, or in base64. Pure.

It shares nothing with the scrubber, whose work it is held against.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHORTEST: Final = 6
"""Characters of what can be told from chance."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A secret that was seen."""

    name: str
    form: str
    """``plain``, ``percent-encoded`` or ``base64``."""


def sightings(content: bytes, secrets: Mapping[str, str]) -> tuple[Sighting, ...]:
    """Find secrets in what was to be free of them.

    Args:
        content: what is looked through.
        secrets: name → value; values that are too short are passed over.
    """
    return tuple(
        sorted(
            {
                Sighting(name, form)
                for name, value in secrets.items()
                if len(value) >= SHORTEST
                for form, spelled in _forms(value)
                if spelled in content
            },
            key=lambda one: (one.name, one.form),
        )
    )


@lru_cache(1024)
def _forms(value: str) -> frozenset[tuple[str, bytes]]:
    return frozenset(_spelled(value))


def _spelled(value: str) -> Iterator[tuple[str, bytes]]:
    raw = value.encode()
    yield "plain", raw
    for encode in (quote, quote_plus, lambda text: quote(text, safe="")):
        if (encoded := encode(value)) != value:
            yield "percent-encoded", encoded.encode()
    yield "percent-encoded", "".join(f"%{byte:02X}" for byte in raw).encode()
    # Within a longer text it has one of three spellings; what hangs on the neighbours is left off.
    for spell in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            spelled = spell(b"\0" * offset + raw).rstrip(b"=")
            yield "base64", spelled[(0, 2, 3)[offset] : -1]
