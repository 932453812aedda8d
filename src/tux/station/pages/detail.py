"""An event's payload → what its page shows, bounded. Pure: foreign JSON enters, dataclasses leave."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tux.station.pages.source import Line, source_of
from tux.station.wire.exceptions import are_own, exceptions_of, message_of
from tux.station.wire.fields import TEXT, mapping, moment, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXCEPTIONS: Final = 20
FRAMES: Final = 60
VARIABLES: Final = 40
CRUMBS: Final = 100
CONTEXTS: Final = 30
FIELDS: Final = 60
VALUE: Final = 1000
OPEN: Final = 4
"""Frames of the application that are open at first."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack trace."""

    place: str
    """Module, or file where there is none."""
    function: str
    file: str
    line: int | None
    is_ours: bool
    is_open: bool
    source: tuple[Line, ...] = ()
    variables: Pairs = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of a chain, or the stack of a message."""

    type: str
    value: str
    module: str
    mechanism: str
    handled: bool | None
    frames: tuple[Frame, ...]
    """The most recent call first."""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Crumb:
    """What happened before."""

    timestamp: float | None
    category: str
    level: str
    kind: str
    message: str
    data: Pairs


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that a payload says beyond the columns."""

    message: str
    raised: tuple[Raised, ...]
    """The one that was raised last first."""
    crumbs: tuple[Crumb, ...]
    user: Pairs
    request: Pairs
    contexts: tuple[tuple[str, Pairs], ...]
    modules: Pairs
    facts: Pairs = field(default=())
    """Server, platform, SDK."""


def detail_of(event: Mapping[str, Any]) -> Detail:
    """Read a payload; what has the wrong type is not there."""
    contexts = {**mapping(event.get("contexts")), "extra": event.get("extra")}
    contexts = dict(sorted(contexts.items(), key=lambda one: (one[0] != "discord", one[0])))
    return Detail(
        message=message_of(event)[1],
        raised=_chain(event),
        crumbs=tuple(_crumbs(sequence(event.get("breadcrumbs")))),
        user=pairs(event.get("user")),
        request=pairs(event.get("request")),
        contexts=tuple(
            (text(name) or "?", found)
            for name, value in list(contexts.items())[:CONTEXTS]
            if (found := pairs(value))
        ),
        modules=pairs(event.get("modules"), 500),
        facts=_facts(event),
    )


def pairs(value: object, most: int = FIELDS) -> Pairs:
    """Flatten an object to names and texts; a nested value becomes JSON."""
    return tuple(
        (text(name) or "?", _written(item)) for name, item in list(mapping(value).items())[:most]
    )


def _written(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, (dict, list)):
        found = json.dumps(value, ensure_ascii=False, indent=2 if len(str(value)) > 80 else None)  # noqa: PLR2004  # a line
        return found if len(found) <= VALUE else found[:VALUE] + "…"
    return text(value, VALUE) or ""


def _facts(event: Mapping[str, Any]) -> Pairs:
    sdk = mapping(event.get("sdk"))
    found = (
        ("server", text(event.get("server_name"))),
        ("logger", text(event.get("logger"))),
        ("platform", text(event.get("platform"))),
        ("SDK", " ".join(filter(None, (text(sdk.get("name")), text(sdk.get("version")))))),
    )
    return tuple((name, value) for name, value in found if value)


def _chain(event: Mapping[str, Any]) -> tuple[Raised, ...]:
    chain = [_raised(one) for one in reversed(exceptions_of(event)[-EXCEPTIONS:])]
    if chain:
        return tuple(chain)
    threads = [mapping(one) for one in sequence(event.get("threads"))]
    stacks = [mapping(one.get("stacktrace")) for one in threads if one.get("current") is not False]
    stacks.append(mapping(event.get("stacktrace")))
    for stack in stacks:
        if sequence(stack.get("frames")):
            return (_raised({"stacktrace": stack}),)
    return ()


def _raised(exception: Mapping[str, Any]) -> Raised:
    mechanism = mapping(exception.get("mechanism"))
    handled = mechanism.get("handled")
    given = sequence(mapping(exception.get("stacktrace")).get("frames"))
    return Raised(
        type=text(exception.get("type")) or "",
        value=text(exception.get("value"), TEXT) or "",
        module=text(exception.get("module")) or "",
        mechanism=text(mechanism.get("type")) or "",
        handled=handled if isinstance(handled, bool) else None,
        frames=tuple(_frames([mapping(one) for one in reversed(given[-FRAMES:])])),
        left_out=max(0, len(given) - FRAMES),
    )


def _frames(frames: list[Mapping[str, Any]]) -> Iterable[Frame]:
    ours = are_own(frames)
    opened = [place for place, is_ours in enumerate(ours) if is_ours][:OPEN] or [0]
    for place, frame in enumerate(frames):
        line = frame.get("lineno")
        yield Frame(
            place=text(frame.get("module")) or text(frame.get("filename"), 300) or "<unknown>",
            function=text(frame.get("function")) or "<unknown>",
            file=text(frame.get("abs_path"), 500) or text(frame.get("filename"), 500) or "",
            line=line if isinstance(line, int) and 0 < line < 10**7 else None,
            is_ours=ours[place],
            is_open=place in opened,
            source=source_of(frame),
            variables=pairs(frame.get("vars"), VARIABLES),
        )


def _crumbs(crumbs: list[Any]) -> Iterable[Crumb]:
    for crumb in reversed([mapping(one) for one in crumbs[-CRUMBS:]]):
        if not crumb:
            continue
        kind, category = text(crumb.get("type")) or "default", text(crumb.get("category"))
        yield Crumb(
            timestamp=moment(crumb.get("timestamp")),
            category=category or kind,
            level=text(crumb.get("level")) or "info",
            kind=kind,
            message=text(crumb.get("message"), 2000) or "",
            data=pairs(crumb.get("data"), 20),
        )
