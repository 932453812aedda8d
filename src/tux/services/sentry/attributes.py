"""Logs and metrics say, too, for whom and where they were written.

They pass no event processor, and what is written to the scope ahead would be read from Discord's
objects for every command, also for those that log nothing.
"""

from __future__ import annotations

from typing import Any, TypeVar

from tux.services.sentry.health import contained
from tux.services.sentry.units import current_work

Item = TypeVar("Item")


def add_attributes(item: Item, _: object) -> Item:
    """Write the facts of the unit of work to a log line or a metric; what it says itself stays.

    Stands as ``before_send_log`` and ``before_send_metric``.
    """
    work = current_work()
    if work is not None:
        with contained():
            attributes: dict[str, Any] = item["attributes"]  # type: ignore[index]  # the SDK's TypedDicts
            facts = work.facts
            if facts.user_id is not None:
                attributes.setdefault("user.id", facts.user_id)
            for key, value in facts.tags.items():
                attributes.setdefault(f"discord.{key}", value)
    return item
