"""Event → the issue it belongs to. Pure, and versioned: a better rule is a new version.

An error is the same error after a deploy to another folder, with other line numbers, with another
Python and through other layers of asyncio and discord.py: what counts is the chain of exception
types and the application's functions that it went through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.exceptions import (
    essential,
    exceptions_of,
    function_of,
    is_group,
    message_of,
    module_of,
    own_frames,
)
from tux.station.wire.fields import TEXT, mapping, sequence, text
from tux.station.wire.fingerprints import PARTS, Rule, filled, is_default, rule_for
from tux.station.wire.grouping_v1 import key_of
from tux.station.wire.parameters import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

VERSION: Final = "v2"
OLDER: Final = (key_of,)
"""Rules of earlier versions, the newest first: an issue that they made stays what it is."""
UNLABELED: Final = "<unlabeled event>"
CYCLE: Final = 3
"""Longest circle of functions that call each other that is seen as one recursion."""

STACK, LIBRARIES, ERROR = "stack trace", "stack trace of libraries", "type and value of the error"
MESSAGE, TRANSACTION, FINGERPRINT = "message", "transaction", "fingerprint of the event"


@dataclass(frozen=True, slots=True)
class Grouping:
    """Where an event belongs, and what the issue is called."""

    key: str
    """``v2:`` and 32 hex digits: events of one key are one issue."""
    title: str
    culprit: str
    """Where it happened: function or transaction."""
    made_by: str
    """What the key was made of, in a word; or the rule of the settings that said so."""
    parts: tuple[str, ...]
    """What must be equal, for a person to read."""
    error_type: str | None


def group(event: Mapping[str, Any], rules: Sequence[Rule] = ()) -> Grouping:
    """Decide on the issue of an event."""
    exceptions = essential(exceptions_of(event))
    message = message_of(event)
    made_by, default = _default(event, exceptions, message)
    rule = rule_for(event, rules) if rules else None
    given = list(rule.fingerprint) if rule else [text(one) for one in _given(event)]
    wanted = [part for part in given if part is not None]
    parts = default
    if wanted and not all(map(is_default, wanted)):
        parts = tuple(_fingerprint(wanted, default, event))
        made_by = f"rule: {rule.text}" if rule else FINGERPRINT
    # The separator cannot be part of a text that came through `text`.
    digest = hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
    raised = exceptions[-1] if exceptions else {}
    titled = text(filled(rule.title, event)) if rule and rule.title else None
    return Grouping(
        f"{VERSION}:{digest}",
        titled or _title(raised, message),
        _culprit(event, exceptions),
        made_by,
        parts,
        text(raised.get("type")),
    )


def older_keys(event: Mapping[str, Any]) -> Iterator[str]:
    """Give the keys that earlier versions made of an event."""
    return (key(event) for key in OLDER)


def _given(event: Mapping[str, Any]) -> list[Any]:
    return sequence(event.get("fingerprint"))[:PARTS]


def _default(
    event: Mapping[str, Any], exceptions: list[Mapping[str, Any]], message: tuple[str, str]
) -> tuple[str, tuple[str, ...]]:
    if any(map(is_group, exceptions_of(event))):
        # However many tasks failed at once, and in which order: what counts is how.
        single = {one: None for exception in exceptions if (one := tuple(_of_exception(exception)))}
        parts = tuple(part for one in sorted(single) for part in one)
    else:
        parts = tuple(part for exception in exceptions for part in _of_exception(exception))
    if parts:
        return _kind(parts), parts
    if message[0]:
        return MESSAGE, (f"message={normalised(message[0])}",)
    return TRANSACTION, ("message=", f"transaction={text(event.get('transaction')) or ''}")


def _kind(parts: tuple[str, ...]) -> str:
    if any(part.startswith("frame=") for part in parts):
        return STACK
    return LIBRARIES if any(part.startswith("library=") for part in parts) else ERROR


def _of_exception(exception: Mapping[str, Any]) -> Iterator[str]:
    kind = text(exception.get("type")) or ""
    frames, is_own = own_frames(exception)
    word = "frame" if is_own else "library"
    places = [f"{word}={module_of(frame)}:{function_of(frame)}" for frame in frames]
    # An SDK that makes an exception up for a message gives it a type that means nothing.
    is_made_up = mapping(exception.get("mechanism")).get("synthetic") is True
    if (kind and not is_made_up) or places:
        yield f"type={'' if is_made_up else kind}"
        yield from _without_recursion(places)
    if not places and (value := text(exception.get("value"), TEXT)):
        yield f"value={normalised(_first_line(value))}"


def _without_recursion(places: list[str]) -> list[str]:
    """Name a recursion once, however deep it went: also one of functions that call each other."""
    for length in range(1, CYCLE + 1):
        kept: list[str] = []
        for place in places:
            kept.append(place)
            if len(kept) >= 2 * length and kept[-length:] == kept[-2 * length : -length]:
                del kept[-length:]
        places = kept
    return places


def _fingerprint(
    given: Iterable[str], default: tuple[str, ...], event: Mapping[str, Any]
) -> Iterator[str]:
    """Put the default in the place of ``{{ default }}``."""
    for part in given:
        if is_default(part):
            yield from default
        else:
            yield f"fingerprint={filled(part, event)}"


def _title(raised: Mapping[str, Any], message: tuple[str, str]) -> str:
    kind, value = text(raised.get("type")), text(raised.get("value"), TEXT)
    found = ": ".join(part for part in (kind, _first_line(value or "")) if part)
    return text(found or _first_line(message[1])) or UNLABELED


def _culprit(event: Mapping[str, Any], exceptions: list[Mapping[str, Any]]) -> str:
    for exception in reversed(exceptions):
        frames, _ = own_frames(exception)
        if frames:
            module, function = module_of(frames[-1]), function_of(frames[-1])
            return f"{module} in {function}" if function else module
    return text(event.get("transaction")) or ""


def _first_line(value: str) -> str:
    return value.strip().partition("\n")[0]
