"""What the SDK's serialiser would leave as it is → marked so that it need not look.

It walks through every value of an event, 5 µs each, although nearly all of them are texts and numbers by
then: the variables, which it has described before; the lines of source; the breadcrumbs. What is a plain
tree is copied here, at a twentieth of that, and stands in the event as something that describes itself.
All else (what is too long, too deep or no plain value) is left for the SDK to cut and to annotate.
"""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import Any, Final

from sentry_sdk.scrubber import EventScrubber
from sentry_sdk.serializer import (
    MAX_DATABAG_BREADTH,
    MAX_DATABAG_DEPTH,
    global_repr_processors,
)
from sentry_sdk.utils import format_timestamp

from tux.services.sentry.frames import describe_frame
from tux.services.sentry.health import contained

MOST_DEPTH: Final = 16
"""Of a tree that is copied; it may be a circle."""
LONGEST_OF_ALL: Final = 2**31
"""Characters of a text where the SDK cuts none."""
MOST_BYTES: Final = 4
"""Of one character in UTF-8, in which the SDK counts."""
_SAME: Final = frozenset({type(None), bool, int})
_OF_THE_SDK: Final = frozenset({"request"})
"""Sections in which the SDK tells one value from another by its place."""


class Settling(EventScrubber):
    """Stands as the ``event_scrubber``, the last hook of the SDK before it serialises an event.

    Args:
        theirs: the scrubber that stood there, which goes first.
        longest: bytes of a text, above which the SDK cuts it; None where it cuts none.
    """

    def __init__(
        self, theirs: EventScrubber | None, longest: int | None
    ) -> None:  # it keeps no list
        self._theirs = theirs
        self._longest = LONGEST_OF_ALL if longest is None else longest

    def scrub_event(self, event: Any) -> None:
        """Scrub, and mark what need not be serialised."""
        if self._theirs is not None:
            self._theirs.scrub_event(event)
        with contained():
            if all(processor is describe_frame for processor in global_repr_processors):
                settle(event, self._longest)


class _SettledMapping(dict[str, Any]):
    """For whoever looks at the event meanwhile it is the mapping that it was."""

    def __sentry_repr__(self) -> dict[str, Any]:
        return dict(self)


class _SettledSequence(list[Any]):
    """As above."""

    def __sentry_repr__(self) -> list[Any]:
        return list(self)


class _UnsettledError(Exception):
    """The SDK has to look at it."""


def settle(event: dict[str, Any], longest: int) -> None:
    """Mark each section of an event, as far as the SDK would leave it as it is."""
    for name, section in event.items():
        if name in _OF_THE_SDK:
            continue
        if name == "breadcrumbs":
            _settle_breadcrumbs(section, longest)
        elif name == "extra":
            event[name] = _bag(section, longest)
        elif type(section) in _MARKS:
            event[name] = _marked(section, longest, MOST_DEPTH)


def _settle_breadcrumbs(section: Any, longest: int) -> None:
    if type(section) is dict and type(section.get("values")) is list:
        crumbs = [_bag(crumb, longest) for crumb in section["values"]]
        whole = all(type(crumb) is _SettledMapping for crumb in crumbs)
        # Their scope has the same ones, and other hooks may change those of the event.
        section["values"] = _SettledSequence(map(dict, crumbs)) if whole else crumbs


def _bag(bag: Any, longest: int) -> Any:
    """Mark what the SDK keeps shallow and narrow, whole or not at all: its place in it counts."""
    try:
        copied = _copied(bag, longest, MAX_DATABAG_DEPTH, MAX_DATABAG_BREADTH)
    except _UnsettledError:
        return bag
    return _SettledMapping(copied) if type(copied) is dict else bag


def _marked(value: Any, longest: int, depth: int) -> Any:
    """Mark a tree, or those of its branches that are plain."""
    mark = _MARKS.get(type(value))
    if mark is None or not depth:
        return value
    try:
        return mark(_copied(value, longest, depth, LONGEST_OF_ALL))
    except _UnsettledError:
        if type(value) is dict:
            return {name: _marked(item, longest, depth - 1) for name, item in value.items()}
        return [_marked(item, longest, depth - 1) for item in value]


def _copied(value: Any, longest: int, depth: int, breadth: int) -> Any:
    kind = type(value)
    if kind is str:
        size = len(value)
        if size * MOST_BYTES > longest and not (size <= longest and value.isascii()):
            raise _UnsettledError
        return value
    if kind in _SAME:
        return value
    if kind is dict or kind is list or kind is tuple:
        if value and (depth <= 1 or len(value) > breadth):
            raise _UnsettledError
        depth -= 1
        if kind is not dict:
            return [_copied(item, longest, depth, breadth) for item in value]
        if not all(type(name) is str for name in value):
            raise _UnsettledError
        return {name: _copied(item, longest, depth, breadth) for name, item in value.items()}
    if kind is datetime:
        return format_timestamp(value)
    if kind is float and isfinite(value):
        return value
    raise _UnsettledError


_MARKS: Final[dict[type, Any]] = {
    dict: _SettledMapping,
    list: _SettledSequence,
    tuple: _SettledSequence,
}
