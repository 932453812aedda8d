"""The payload of an event → what a page shows of it. Pure; nothing of the payload is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.fields import mapping, moment, number, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_EXCEPTIONS: Final = 20
MOST_FRAMES: Final = 100
MOST_CRUMBS: Final = 100
MOST_FACTS: Final = 100
LINE: Final = 500
VALUE: Final = 2000
HIDDEN_CONTEXTS: Final = frozenset({"trace", "runtime"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source."""

    number: int | None
    code: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack trace."""

    function: str
    place: str
    lineno: int | None
    in_app: bool
    source: tuple[Line, ...]
    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """One exception of a chain, its innermost call first."""

    type: str
    module: str
    value: str
    handled: bool | None
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Crumb:
    """Something that happened before."""

    at: float | None
    category: str
    level: str
    message: str
    data: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """What is shown of an event."""

    message: str
    exceptions: tuple[ExceptionView, ...]
    """The one that reached the top first, its causes after it."""
    breadcrumbs: tuple[Crumb, ...]
    """The latest first."""
    contexts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    user: tuple[tuple[str, str], ...]
    extra: tuple[tuple[str, str], ...]


def view_of(event: Mapping[str, Any]) -> EventView:
    """Read an event; what has a wrong form is left out."""
    exceptions = [mapping(one) for one in sequence(event.get("exception"))][-MOST_EXCEPTIONS:]
    crumbs = sequence(event.get("breadcrumbs"))[-MOST_CRUMBS:]
    contexts = mapping(event.get("contexts"))
    return EventView(
        message=_message(event),
        exceptions=tuple(_exception(one) for one in reversed(exceptions)),
        breadcrumbs=tuple(_crumb(mapping(one)) for one in reversed(crumbs)),
        contexts=tuple(
            (str(name)[:100], facts(contexts[name]))
            for name in list(contexts)[:MOST_FACTS]
            if name not in HIDDEN_CONTEXTS and contexts[name]
        ),
        user=facts(event.get("user")),
        extra=facts(event.get("extra")),
    )


def facts(value: object) -> tuple[tuple[str, str], ...]:
    """Flatten an object by one level; deeper ones are shown as they are written."""
    return tuple(
        (str(key)[:200], shown(item)) for key, item in list(mapping(value).items())[:MOST_FACTS]
    )


def shown(value: object) -> str:
    """Write any JSON value as text of bounded length."""
    if value is None:
        return "none"
    return str(value)[:VALUE]


def _message(event: Mapping[str, Any]) -> str:
    entry = event.get("logentry") or event.get("message")
    if isinstance(entry, dict):
        entry = entry.get("formatted") or entry.get("message")
    return text(entry, VALUE) or ""


def _exception(value: Mapping[str, Any]) -> ExceptionView:
    handled = mapping(value.get("mechanism")).get("handled")
    frames = sequence(mapping(value.get("stacktrace")).get("frames"))[-MOST_FRAMES:]
    return ExceptionView(
        type=text(value.get("type")) or "Error",
        module=text(value.get("module")) or "",
        value=text(value.get("value"), VALUE) or "",
        handled=handled if isinstance(handled, bool) else None,
        frames=tuple(_frame(mapping(one)) for one in reversed(frames)),
    )


def _frame(frame: Mapping[str, Any]) -> Frame:
    line = number(frame.get("lineno"))
    return Frame(
        function=text(frame.get("function")) or "?",
        place=text(frame.get("filename")) or text(frame.get("module")) or "?",
        lineno=int(line) if line is not None else None,
        # The SDK says "no" of libraries, and nothing of what it does not know.
        in_app=frame.get("in_app") is not False,
        source=tuple(_source(frame, int(line) if line is not None else None)),
        variables=facts(frame.get("vars")),
    )


def _source(frame: Mapping[str, Any], line: int | None) -> Iterator[Line]:
    before = sequence(frame.get("pre_context"))
    current = frame.get("context_line")
    if not isinstance(current, str):
        return
    lines = [*before, current, *sequence(frame.get("post_context"))]
    for offset, code in enumerate(lines[:50]):
        shift = offset - len(before)
        at = line + shift if line is not None else None
        yield Line(at, str(code)[:LINE], shift == 0)


def _crumb(crumb: Mapping[str, Any]) -> Crumb:
    return Crumb(
        at=moment(crumb.get("timestamp")),
        category=text(crumb.get("category")) or text(crumb.get("type")) or "default",
        level=text(crumb.get("level")) or "info",
        message=text(crumb.get("message"), VALUE) or "",
        data=facts(crumb.get("data")),
    )
