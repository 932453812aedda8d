"""Rules of the settings that say which events are one: Sentry's fingerprint rules. Pure.

``error.type:OperationalError module:tux.database.* -> database-down, {{ default }} title="…"``:
all matchers of a rule must hold, the first rule that does decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.exceptions import (
    essential,
    exceptions_of,
    frames_of,
    function_of,
    message_of,
    module_of,
)
from tux.station.wire.fields import TEXT, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PARTS: Final = 50
_MATCHER: Final = re.compile(
    r'\s*(?P<not>!)?(?P<key>tags\.[^\s:]+|[\w.]+):(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>\S+))'
)
_ARROW: Final = re.compile(r"\s*->\s*")
_TITLE: Final = re.compile(r',?\s*title="(?P<title>(?:[^"\\]|\\.)*)"\s*$')
_PART: Final = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^,"]+))\s*(?:,|$)')
_VARIABLE: Final = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}", re.ASCII)
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition of a rule."""

    key: str
    pattern: re.Pattern[str]
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events, and what they are together."""

    text: str
    """As it is written in the settings."""
    matchers: tuple[Matcher, ...]
    fingerprint: tuple[str, ...]
    title: str | None


class RuleFaultError(ValueError):
    """A rule cannot be read; the message says where and why."""


def rule_of(written: str) -> Rule:
    """Read a rule.

    Raises:
        RuleFaultError: it is none.
    """
    matchers: list[Matcher] = []
    place = 0
    while found := _MATCHER.match(written, place):
        matchers.append(_matcher(found, written))
        place = found.end()
    arrow = _ARROW.match(written, place)
    if not matchers or not arrow:
        rest = written[place:].strip()[:40] or "nothing"
        raise RuleFaultError(
            f"in “{written[:80]}” stands “{rest}” where "
            f"{'-> and a fingerprint' if matchers else 'a matcher such as error.type:KeyError'} "
            "is expected."
        )
    wanted, title = written[arrow.end() :], None
    if titled := _TITLE.search(wanted):
        wanted, title = wanted[: titled.start()], _unquoted(titled["title"])
    parts = tuple(_unquoted(q) if q else bare.strip() for q, bare in _PART.findall(wanted))
    if not any(parts) and title is None:
        raise RuleFaultError(f"“{written[:80]}” has no fingerprint after its ->.")
    return Rule(written, tuple(matchers), tuple(filter(None, parts)) or ("{{ default }}",), title)


def rule_for(event: Mapping[str, Any], rules: Iterable[Rule]) -> Rule | None:
    """Find the first rule that holds for an event."""
    return next((rule for rule in rules if _holds(event, rule)), None)


def filled(part: str, event: Mapping[str, Any]) -> str:
    """Put the event's own words in the place of ``{{ error.type }}`` and the like."""
    return _VARIABLE.sub(lambda found: _word(found[1], event), part)


def is_default(part: str) -> bool:
    """Tell whether a part stands for what would be without a fingerprint."""
    found = _VARIABLE.fullmatch(part.strip())
    return found is not None and found[1] == DEFAULT


def _matcher(found: re.Match[str], written: str) -> Matcher:
    key = _ALIASES.get(found["key"], found["key"])
    if key not in _TEXTS and key not in _OF_FRAME and not key.startswith("tags."):
        known = (*_TEXTS, *_OF_FRAME, *_ALIASES)
        close = get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]}?" if close else f" Known are {', '.join(known)}, tags.…."
        raise RuleFaultError(f"“{written[:80]}” matches by {key}, which is unknown.{hint}")
    value = _unquoted(found["quoted"]) if found["quoted"] is not None else found["bare"]
    # A star stands for anything; nothing else means anything but itself.
    pattern = re.compile(translate(re.sub(r"([\[?])", r"[\1]", value)), re.IGNORECASE)
    return Matcher(key, pattern, found["not"] is not None)


def _holds(event: Mapping[str, Any], rule: Rule) -> bool:
    of_frame = [one for one in rule.matchers if one.key in _OF_FRAME]
    for matcher in rule.matchers:
        if matcher.key in _OF_FRAME:
            continue
        texts = _texts(event, matcher.key)
        if any(matcher.pattern.match(one) for one in texts) is matcher.is_negated:
            return False
    # Those of frames must hold for one and the same.
    return not of_frame or any(
        all(
            bool(one.pattern.match(_OF_FRAME[one.key](frame))) is not one.is_negated
            for one in of_frame
        )
        for exception in exceptions_of(event)
        for frame in frames_of(exception)
    )


def _texts(event: Mapping[str, Any], key: str) -> Iterable[str]:
    if key.startswith("tags."):
        return filter(None, (_tags(event).get(key.removeprefix("tags.")),))
    return _TEXTS[key](event)


def _word(name: str, event: Mapping[str, Any]) -> str:
    name = _ALIASES.get(name, name)
    if name in {"stack.function", "stack.module"}:
        own = [frame for one in essential(exceptions_of(event)) for frame in frames_of(one)]
        return _OF_FRAME[name](own[-1]) if own else ""
    if name == "transaction":
        return text(event.get("transaction")) or ""
    if name.startswith("tags.") or name in _TEXTS:
        return next(iter(reversed(list(_texts(event, name)))), "")
    return ""


def _tags(event: Mapping[str, Any]) -> dict[str, str]:
    given = event.get("tags")
    pairs = list(given.items()) if isinstance(given, dict) else sequence(given)
    return {
        key: value
        for pair in pairs[:PARTS]
        if isinstance(pair, (list, tuple))
        and len(pair) == 2  # noqa: PLR2004  # a pair
        and (key := text(pair[0]))
        and (value := text(pair[1]))
    }


def _of_exceptions(field: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    def read(event: Mapping[str, Any]) -> Iterator[str]:
        return (text(one.get(field), TEXT) or "" for one in exceptions_of(event))

    return read


def _messages(event: Mapping[str, Any]) -> Iterator[str]:
    """Give the message, and what each exception says: Sentry's ``message`` matches both."""
    for exception in exceptions_of(event):
        said = text(exception.get("value"), TEXT) or ""
        yield said
        yield f"{text(exception.get('type')) or ''}: {said}"
    yield from filter(None, message_of(event))


def _field(name: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    return lambda event: filter(None, (text(event.get(name)),))


def _path(frame: Mapping[str, Any]) -> str:
    return text(frame.get("abs_path"), TEXT) or text(frame.get("filename"), TEXT) or ""


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)


_TEXTS: Final[dict[str, Callable[[Mapping[str, Any]], Iterable[str]]]] = {
    "error.type": _of_exceptions("type"),
    "error.value": _of_exceptions("value"),
    "message": _messages,
    **{name: _field(name) for name in ("level", "logger", "release", "environment", "transaction")},
    "sdk": lambda event: filter(None, (text(mapping(event.get("sdk")).get("name")),)),
}
_OF_FRAME: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "stack.module": module_of,
    "stack.function": function_of,
    "stack.abs_path": _path,
}
_ALIASES: Final = {
    "type": "error.type",
    "value": "error.value",
    "module": "stack.module",
    "function": "stack.function",
    "path": "stack.abs_path",
}
