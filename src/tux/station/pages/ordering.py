"""Tables that a click on a heading sorts. Pure."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tux.station.pages.rendering import Asked

Row = TypeVar("Row")

GROUPS: Final = ("count", "total", "failure_rate", "p50", "p95", "p99", "users", "name")
"""What runs in groups are sorted by."""


def by(asked: Asked, names: tuple[str, ...]) -> str:
    """Tell what was chosen to sort by; the first of the names where nothing was."""
    return asked.choice("by", names)


def ordered(rows: Iterable[Row], name: str) -> list[Row]:
    """Sort by an attribute: names from A to Z, figures from the highest down, unknown ones last."""
    get = attrgetter(name)

    def place(row: Row) -> Any:
        value = get(row)
        if isinstance(value, str):
            return (0, value)
        return (value is None, -(value or 0))

    return sorted(rows, key=place)
