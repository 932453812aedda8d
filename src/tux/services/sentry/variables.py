"""A variable of a stack frame → a short text, without running code of the bot's own.

A ``repr`` that sleeps holds the loop for as long, each time that the SDK calls it, and one of 50 MB
makes an event that every receiver refuses. So only those of Python's own plain types are called; of
everything else the class is told, and of Discord's objects the id. Containers are walked through only
where that is Python's own code, too, and for so long as the capture's time lasts.
"""

from __future__ import annotations

import decimal
import enum
import fractions
import pathlib
import re
import types
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from threading import local
from time import thread_time
from typing import Any, Final

from sentry_sdk.serializer import MAX_DATABAG_DEPTH

MOST_CHARACTERS: Final = 1024
"""Of a text or of bytes; more is cut before it is described."""
MOST_BITS: Final = 4096
"""Of a number: turning a huge one into digits takes minutes."""
DESCRIBING_SECONDS: Final = 0.02
"""What walking through the variables of one capture may take: large ones hold the loop meanwhile.

Of the processor: none of their code runs, so none of them waits, and a busy machine costs no variables.
"""
LOOKED_AT: Final = 16
"""Keys of a dictionary that are looked at: more than the SDK keeps."""
WALKED: Final = (OrderedDict, dict, list, tuple, set, frozenset, deque)
"""Containers of Python's own; what is made of them counts where it goes through itself as they do."""
PLAIN: Final = frozenset(
    {
        type(None),
        type(...),
        type(NotImplemented),
        bool,
        float,
        complex,
        datetime,
        date,
        time,
        timedelta,
        decimal.Decimal,
        uuid.UUID,
        pathlib.PosixPath,
        pathlib.WindowsPath,
    }
)
KEYS: Final = PLAIN | {str, int, bytes}
CODE: Final = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.ModuleType,
    type,
)


_SPACE: Final = re.compile(r"\s")
# A repr's quoted part, also one that was cut at its end.
_QUOTED: Final = re.compile(r"""'(?:[^'\\]|\\.)*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)""")


def describe(value: object) -> str:
    """Describe a value for a stack frame. Stands as the SDK's ``custom_repr``."""
    if type(value) in PLAIN:
        return repr(value)
    for kinds, describe_kind in KINDS:
        if isinstance(value, kinds):
            return describe_kind(value)
    return _name_class(value)


class _Time(local):
    """How long the capture that this thread is at may go on."""

    until = float("inf")


_time = _Time()


@contextmanager
def limited_time(seconds: float) -> Iterator[None]:
    """Let what is captured in here lose the insides of its variables once the time is over."""
    before, _time.until = _time.until, thread_time() + seconds
    try:
        yield
    finally:
        _time.until = before


def stop_limiting() -> None:
    """Let what is captured be walked through to its end: all variables have been described."""
    _time.until = _Time.until


def describe_whole(value: object, hints: Mapping[str, Any]) -> Any:
    """Describe a container that must not be walked through. Stands as a repr processor of the SDK.

    Returns:
        ``NotImplemented`` where the SDK may go on as it does.
    """
    kind = type(value)
    if kind in PLAIN or isinstance(value, (str, bytes, bytearray, int, float)):
        return NotImplemented
    if hasattr(kind, "__sentry_repr__"):
        # Written for this.
        return NotImplemented
    if not _is_walked(kind):  # type: ignore[arg-type]  # a class that has no hash fails, as it should
        return describe(value)
    # The names of a frame's variables, which are no variable themselves, stand on top; what has no
    # depth is none of them.
    depth = hints["remaining_depth"]
    if depth is not None and depth < MAX_DATABAG_DEPTH and thread_time() > _time.until:
        return _name_class(value)
    if isinstance(value, dict) and not all(map(_is_plain_key, islice(value, LOOKED_AT))):
        return _name_class(value)
    return NotImplemented


def _is_plain_key(key: object) -> bool:
    """Tell whether spelling a key runs no code of the bot's own."""
    kind = type(key)
    if kind is tuple:
        return all(map(_is_plain_key, islice(key, LOOKED_AT)))  # type: ignore[call-overload]  # a tuple
    return kind in KEYS


@lru_cache(1024)
def _is_walked(kind: type) -> bool:
    for base in WALKED:
        if issubclass(kind, base):
            own = ("__iter__", "__len__", *(("items",) if issubclass(base, dict) else ()))
            return all(getattr(kind, name) is getattr(base, name) for name in own)
    return False


def without_text(value: Any) -> Any:
    """Take the texts out of variables as the SDK describes them; numbers and classes stay.

    What a member wrote is an argument of the command that it called.
    """
    if isinstance(value, dict):
        return {_name(name): without_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_text(item) for item in value]
    return _QUOTED.sub("'…'", value) if isinstance(value, str) else value


def _name(name: Any) -> Any:
    """Keep a name; a key that holds words was written by somebody."""
    return "…" if isinstance(name, str) and _SPACE.search(name) else name


def _text(value: str) -> str:
    # Past what a class of the bot's own may have for these.
    start = str.__getitem__(value, slice(MOST_CHARACTERS))
    return _cut(str.__repr__(start), str.__len__(value))


def _bytes(value: bytes | bytearray) -> str:
    return _cut(repr(bytes(value[:MOST_CHARACTERS])), len(value))


def _cut(text: str, length: int) -> str:
    return text if length <= MOST_CHARACTERS else f"{text}… ({length})"


def _number(value: int | fractions.Fraction) -> str:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > MOST_BITS:
        return f"<{type(value).__name__} of {bits} bits>"
    return int.__repr__(value) if isinstance(value, int) else str(value)


def _member(value: enum.Enum) -> str:
    return f"<{type(value).__qualname__}.{value._name_}>"


def _code(value: Any) -> str:
    return f"<{type(value).__name__} {getattr(value, '__qualname__', None) or value.__name__}>"


def _name_class(value: object) -> str:
    kind = type(value)
    return f"<{kind.__module__}.{kind.__qualname__}{_detail(value)}>"


def _detail(value: object) -> str:
    """Tell the id of Discord's objects, and how much a container of Python's own holds."""
    module = type(value).__module__
    if module.startswith("discord."):
        number = getattr(value, "id", None)
        return f" {number}" if isinstance(number, int) else ""
    if module in ("builtins", "collections") and isinstance(value, Sized):
        return f" of {len(value)}"
    return ""


KINDS: Final[tuple[tuple[Any, Callable[[Any], str]], ...]] = (
    (enum.Enum, _member),
    (str, _text),
    ((bytes, bytearray), _bytes),
    ((int, fractions.Fraction), _number),
    (CODE, _code),
)
"""How values of a class are described; the first row that fits."""
