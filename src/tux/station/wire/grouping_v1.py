"""The first rule of grouping, as it was: issues that it made are found by it, and nothing else.

It must never change. What is better is in grouping.py.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tux.station.wire.exceptions import exceptions_of, message_of
from tux.station.wire.fields import TEXT, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

VERSION = "v1"
DEFAULT = re.compile(r"\{\{\s*default\s*\}\}")
FRAMES, PARTS = 250, 50

# What differs between two runs of the same code, most specific first.
_VARIABLE = re.compile(
    r"""
    (?P<email>(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)
    | (?P<url>\b[a-z][a-z0-9+.-]{1,15}://[^\s'"<>]+)
    | (?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)
    | (?P<date>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b)
    | (?P<hex>\b0x[0-9a-f]+\b|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,}\b)
    | (?P<path>(?<![\w/])(?:/[\w.+-]+){2,})
    | (?P<number>(?<![\w.])-?\d+(?:[.,]\d+)*)
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def key_of(event: Mapping[str, Any]) -> str:
    """Give the key of an event's issue."""
    exceptions = exceptions_of(event)
    message = message_of(event)
    default = tuple(_of_exceptions(exceptions)) or tuple(_of_message(event, message))
    parts = _fingerprint(sequence(event.get("fingerprint"))[:PARTS], default)
    # The separator cannot be part of a text that came through `text`.
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
    return f"{VERSION}:{digest}"


def _normalised(message: str) -> str:
    return _VARIABLE.sub(lambda match: f"<{match.lastgroup}>", message)


def _fingerprint(given: list[Any], default: tuple[str, ...]) -> Iterator[str]:
    """Put the default in the place of ``{{ default }}``; no fingerprint is the default."""
    parts = [part for part in (text(value) for value in given) if part is not None]
    for part in parts or ["{{ default }}"]:
        if DEFAULT.fullmatch(part):
            yield from default
        else:
            yield f"fingerprint={part}"


def _of_exceptions(exceptions: list[Mapping[str, Any]]) -> Iterator[str]:
    for exception in exceptions:
        kind = text(exception.get("type")) or ""
        places = list(_places(_frames(exception)))
        if kind or places:
            yield f"type={kind}"
            yield from places
        if not places and (value := text(exception.get("value"), TEXT)):
            yield f"value={_normalised(_first_line(value))}"


def _of_message(event: Mapping[str, Any], message: tuple[str, str]) -> Iterator[str]:
    yield f"message={_normalised(message[0])}"
    if not message[0]:
        yield f"transaction={text(event.get('transaction')) or ''}"


def _frames(exception: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the application's frames, outermost first; all frames where none may be one.

    SDKs mark what lies below the project's folder and what lies in libraries; of the rest, an
    installed application's own code say, they say nothing.
    """
    stacktrace = mapping(exception.get("stacktrace"))
    frames = [mapping(frame) for frame in sequence(stacktrace.get("frames"))[-FRAMES:]]
    marked = [frame for frame in frames if frame.get("in_app") is True]
    return marked or [frame for frame in frames if frame.get("in_app") is not False] or frames


def _places(frames: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Name the functions passed, a recursion once however deep it went."""
    places = [f"frame={_module(frame)}:{text(frame.get('function')) or ''}" for frame in frames]
    for before, place in pairwise(["", *places]):
        if place != before:
            yield place


def _module(frame: Mapping[str, Any]) -> str:
    """Name a frame's module; without one, the file's name, which is the same on every machine."""
    module = text(frame.get("module"))
    if module is not None:
        return module
    path = text(frame.get("filename"), TEXT) or text(frame.get("abs_path"), TEXT) or ""
    return PurePosixPath(path.replace("\\", "/")).stem


def _first_line(value: str) -> str:
    return value.strip().partition("\n")[0]
