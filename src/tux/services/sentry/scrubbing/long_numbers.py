"""Long numbers in JSON, each with the name that it stands under, by the bytes: no tree is built of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, Protocol

from tux.services.sentry.scrubbing.written import as_json

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST: Final = 15
"""Digits that a number has at least to be a long one."""
_RUN: Final = b"0" * SHORTEST
_ZEROS: Final = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))  # noqa: PLR2004  # digits
_DIGITS: Final = re.compile(rb"[0-9]+")
_BEFORE: Final = (b"", b":", b",", b"[")
_BEHIND: Final = (b"", b",", b"}", b"]")
_LONGEST: Final = 32
_MOST_NEIGHBOURS: Final = 32
"""Elements of a list that are gone past on the way to its name."""


class Tell(Protocol):
    """Says what stands for a text with a long number, or for the number."""

    def __call__(self, value: str | int, *, is_place: bool) -> str | int:
        """Return what is to stand there; the same object when nothing changes."""


class UnclearError(Exception):
    """The bytes do not tell, in a few steps, which name a value stands under."""


def with_told(json_: bytes, is_place: Callable[[str], bool], tell: Tell) -> bytes:
    """Return JSON, as we write it, with other texts and numbers in the place of those that are long.

    Raises:
        UnclearError: a value stands among too many others.
    """
    numerals = json_.translate(_ZEROS)
    at = numerals.find(_RUN)
    if at < 0:
        return json_
    # The quotes that are left are those of JSON itself.
    bare = json_.replace(rb"\\", b"__").replace(rb"\"", b"__")
    parts: list[bytes] = []
    done = counted = quotes = 0
    while at >= 0:
        quotes += bare.count(b'"', counted, at)
        counted = at
        is_text = quotes % 2 == 1
        start, end = _span(bare, at, is_text=is_text)
        value = _value(json_, start, end, is_text=is_text)
        if value is not None:
            is_name = is_text and bare[end : end + 1] == b":"
            told = tell(value, is_place=not is_name and _is_of_place(bare, json_, start, is_place))
            if told is not value:
                parts += [json_[done:start], as_json(told)]
                done = end
        at = numerals.find(_RUN, end)
    return b"".join((*parts, json_[done:])) if parts else json_


def _span(bare: bytes, at: int, *, is_text: bool) -> tuple[int, int]:
    """Tell where the value begins and ends that has the digits at a place."""
    if is_text:
        return bare.rfind(b'"', 0, at), bare.find(b'"', at) + 1
    digits = _DIGITS.match(bare, at)
    return at, digits.end() if digits else at


def _value(json_: bytes, start: int, end: int, *, is_text: bool) -> str | int | None:
    """Read a text or a whole number; None for the digits of a number that has a sign or a point."""
    if is_text:
        return _text(json_[start + 1 : end - 1])
    is_whole = json_[start - 1 : start] in _BEFORE and json_[end : end + 1] in _BEHIND
    return int(json_[start:end]) if is_whole and end - start <= _LONGEST else None


def _text(spelled: bytes) -> str:
    text: str = json.loads(b'"%b"' % spelled) if b"\\" in spelled else spelled.decode()
    return text


def _is_of_place(bare: bytes, json_: bytes, begin: int, is_place: Callable[[str], bool]) -> bool:
    """Tell whether the name of a value, or of an attribute that has it as its value, is one of a place."""
    while True:
        start, end = _name(bare, begin)
        name = _text(json_[start:end])
        if name != "value":
            return is_place(name)
        # An attribute of a log line has its value one level below its name.
        begin = start - 2
        if bare[begin : begin + 1] != b"{":
            raise UnclearError
        if begin == 0:
            return False


def _name(bare: bytes, begin: int) -> tuple[int, int]:
    """Tell where the name stands under which a value is, or the list that it is in."""
    for _ in range(_MOST_NEIGHBOURS):
        before = bare[begin - 1 : begin]
        if before == b":":
            end = begin - 2
            return bare.rfind(b'"', 0, end) + 1, end
        if before == b"[":
            begin -= 1
        elif before == b"," and bare[begin - 2 : begin - 1] == b'"':
            begin = bare.rfind(b'"', 0, begin - 2)
        else:
            break
    raise UnclearError
