"""Logs and metrics say, too, for whom and where they were written.

They pass no event processor, and what is written to the scope ahead would be read from Discord's
objects for every command, also for those that log nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from tux.services.sentry.anonymous import TAGS, without_names, without_numbers
from tux.services.sentry.authored import quotations_of
from tux.services.sentry.context import attributes_of
from tux.services.sentry.flows import LOGS
from tux.services.sentry.health import contained
from tux.services.sentry.privacy import content_leaves, names_of
from tux.services.sentry.units import current_work

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

Item = TypeVar("Item")
_PERSONAL: Final = ("user.", "discord.")
_OWN: Final = (*_PERSONAL, "sentry.sdk.", "code.", "logger.", "server.", "process.", "thread.")
"""What the layer and the SDK say of the place in the code."""


def add_attributes(item: Item, _: object) -> Item | None:
    """Write the facts of the unit of work to a log line or a metric; what it says itself stays.

    Of work for somebody who has opted out no line of text leaves, and metrics name nobody. Stands
    as ``before_send_metric``, and within ``pass_log``.
    """
    work = current_work()
    if work is not None:
        if work.is_private:
            return _anonymous(item, names_of(work.unit.about))
        with contained():
            attributes: dict[str, Any] = item["attributes"]  # type: ignore[index]  # the SDK's TypedDicts
            facts = work.facts
            for key, value in attributes_of(facts.user).items():
                attributes.setdefault(key, value)
            for key, value in facts.tags.items():
                attributes.setdefault(f"discord.{key}", value)
    return item


def _anonymous(item: Item, names: AbstractSet[str]) -> Item | None:
    # A metric has no text.
    if "body" in item:  # type: ignore[operator]  # the SDK's TypedDicts
        return None
    told: Item = without_numbers(item)
    unnamed = without_names(names)
    kept = {
        # A channel may be called like a command.
        name: value if name in TAGS else unnamed(value)
        for name, value in told["attributes"].items()  # type: ignore[index]  # as above
        if not name.startswith(_PERSONAL)
    }
    told["attributes"] = kept  # type: ignore[index]  # as above
    return told


def pass_log(item: Item, hint: object) -> Item | None:
    """Let a log line pass while there is budget; the SDK counts what does not as ``before_send``.

    Stands as ``before_send_log``.
    """
    if not LOGS.admit():
        return None
    told = add_attributes(item, hint)
    return told if told is None or content_leaves() else _unquoted(told)


def _unquoted(item: Item) -> Item:
    """Take out of a line what the member said whose work it is. Never raises, for a log line is the bot's."""
    work = current_work()
    if work is None:
        return item
    with contained():
        written = quotations_of(work.unit.about)
        if written:
            item["body"] = written.removed(item["body"])  # type: ignore[index]  # the SDK's TypedDict
            attributes: dict[str, Any] = item["attributes"]  # type: ignore[index]  # as above
            for name, value in attributes.items():
                if isinstance(value, str) and not name.startswith(_OWN):
                    attributes[name] = written.removed(value)
    return item
