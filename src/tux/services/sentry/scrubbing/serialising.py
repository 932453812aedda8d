"""Clean data → JSON in one pass: the look at every text is taken while it is spelled.

JSON's encoder asks for the spelling of each text, names included. Here it asks a dictionary: what
was found clean before is answered without a line of Python. The first text that is not clean, and
all that only its surroundings tell, ends the attempt: the scrubber then walks through the data.
"""

from __future__ import annotations

import json.encoder
import threading
from typing import TYPE_CHECKING, Any, Final

from tux.services.sentry.scrubbing.plans import TIME
from tux.services.sentry.scrubbing.shapes import shape_of

if TYPE_CHECKING:
    from collections.abc import Callable

_spell = json.encoder.encode_basestring_ascii
# PyPy has none; the scrubber walks there.
_make_encoder: Any = getattr(json.encoder, "c_make_encoder", None)
_CACHED_CHARACTERS: Final = 1_000_000
_LONGEST_CACHED: Final = 4_096
_CARD_DIGITS: Final = (13, 16)
_DIGITS = bytes(48 if chr(byte).isdecimal() else 32 for byte in range(128)) + b" " * 128
_SHORTEST_CARD: Final = b"0" * _CARD_DIGITS[0]
_UNCLEAR: Final = frozenset({"kty", "custom_id"})
"""Names beside which a value may be a secret whatever its own name is."""
_TELL_AS_TYPE: Final = frozenset({"3", "4"})
_TELLS_BEHIND: Final = ('"name":', '"key":', '"header":', '"value":', '"type":', "[[", "],[")
_TYPES: Final = ('"type":3', '"type":4')


class DoubtError(Exception):
    """Something is not clean, or cannot be told to be by itself."""


class Serialiser:
    """Write clean data as JSON.

    Args:
        is_clean: tells whether a text, as a value and as a name, holds nothing to remove.
        kind_of: tells what the value of a name is, or None.
        may_hide: tells whether what looks like a time may be a secret, in a text or in all of it.
    """

    def __init__(
        self,
        is_clean: Callable[[str], bool],
        kind_of: Callable[[str], str | None],
        may_hide: Callable[[str], bool],
    ) -> None:
        self._may_hide = may_hide
        self._texts = _Texts(is_clean, kind_of, may_hide)
        self._encode = _make_encoder and _make_encoder(
            *(None, _refuse, self._texts.__getitem__, None, ":", ",", False, False, False)
        )

    def written(self, data: Any) -> str | None:
        """Return the data as JSON if all of it is clean, else None."""
        if self._encode is None:
            return None
        met: list[str] = []
        self._texts.met.names = met
        try:
            written = "".join(self._encode(data, 0))
            for name in met:
                _doubt_a_name(written, name)
        except (DoubtError, TypeError, ValueError, RecursionError):
            return None
        # Of numbers the encoder asks nobody; texts of these types are what members write.
        if _TYPES[0] in written or _TYPES[1] in written or _may_hold_card(written):
            return None
        return None if self._may_hide(written) else written


class _Met(threading.local):
    """Telling texts that are spelled for the data at hand; several threads may be at it."""

    names: list[str]


class _Texts(dict[str, str]):
    """Clean text → how JSON spells it."""

    def __init__(
        self,
        is_clean: Callable[[str], bool],
        kind_of: Callable[[str], str | None],
        may_hide: Callable[[str], bool],
    ) -> None:
        super().__init__()
        self.met = _Met()
        self._is_clean = is_clean
        self._kind_of = kind_of
        self._may_hide = may_hide
        self._telling: dict[str, str] = {}
        self._shapes: dict[str, str] = {}
        self._characters = 0

    def __missing__(self, text: str) -> str:
        """Look at a text that is new, or that tells something as a name."""
        if TIME.fullmatch(text):
            # Each is seen once.
            return f'"{text}"'
        spelled = self._telling.get(text)
        if spelled is not None:
            self.met.names.append(spelled)
            return spelled
        shape = shape_of(text)
        if shape is not None and shape in self._shapes and not self._may_hide(text):
            return _spell(text)
        if text in _UNCLEAR or not self._is_clean(text):
            raise DoubtError
        spelled = _spell(text)
        if self._kind_of(text) is not None or text in _TELL_AS_TYPE:
            self.met.names.append(spelled)
            self._remember(self._telling, text, spelled)
        elif shape is not None:
            # With another id in it, it is as clean and tells as little.
            self._remember(self._shapes, shape, "")
        elif len(text) <= _LONGEST_CACHED:
            self._remember(self, text, spelled)
        return spelled

    def _remember(self, where: dict[str, str], text: str, spelled: str) -> None:
        self._characters += len(text)
        if self._characters > _CACHED_CHARACTERS:
            self.clear()
            self._telling.clear()
            self._shapes.clear()
            self._characters = 0
        where[text] = spelled


def _refuse(_: object) -> None:
    raise DoubtError


def _doubt_a_name(written: str, name: str) -> None:
    """Doubt where a telling text is a name, or stands where one may."""
    position = written.find(name)
    while position >= 0:
        end = position + len(name)
        if written.startswith(":", end) or written.endswith(_TELLS_BEHIND, 0, position):
            raise DoubtError
        position = written.find(name, end)


def _may_hold_card(written: str) -> bool:
    """Tell whether a number, not in a text, has as many digits as a card's."""
    digits = written.encode("ascii").translate(_DIGITS)
    position = digits.find(_SHORTEST_CARD)
    while position >= 0:
        end = digits.find(b" ", position)
        if end - position <= _CARD_DIGITS[1] and written[end] in ",]}":
            return True
        position = digits.find(_SHORTEST_CARD, end)
    return False
