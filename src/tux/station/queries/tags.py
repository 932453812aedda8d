"""Runs and errors by the values of tags: sizes of servers, features, whatever the bot sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.queries.cover import cover, covered
from tux.station.rollups.tally import EVENT_TAG, TAG

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

FIRST: Final = ("guild.size", "feature", "command.kind")
"""Shown before the others, which follow by how often they are set."""


@dataclass(frozen=True, slots=True)
class TagValue:
    """What happened with one value of a tag."""

    value: str
    runs: int
    failures: int
    total: float
    """Milliseconds of all runs together."""
    errors: int

    @property
    def mean(self) -> float | None:
        """How long a run took, in milliseconds."""
        return self.total / self.runs if self.runs else None

    @property
    def failure_rate(self) -> float | None:
        """Share of the runs that failed."""
        return self.failures / self.runs if self.runs else None


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and its values, the most used first."""

    key: str
    values: tuple[TagValue, ...]

    @property
    def count(self) -> int:
        """How often it was seen."""
        return sum(value.runs + value.errors for value in self.values)


_TAGS: Final = f"""
SELECT kind, name, op, sum(runs), sum(failed), sum(total)
FROM ({covered("sums", "d.runs, d.failed, d.total", "s.kind IN ('tag', 'event tag') AND (:key = '' OR s.name = :key)")})
GROUP BY 1, 2, 3
"""  # noqa: S608  # constants


def tags(connection: sqlite3.Connection, span: Range, now: float, key: str = "") -> list[Tag]:
    """List tags, or the one of a key."""
    found: dict[str, dict[str, dict[str, tuple[int, int, float]]]] = {}
    facts = {"key": key, **cover(connection, span, now)}
    for kind, name, value, *sums in connection.execute(_TAGS, facts):
        found.setdefault(name, {}).setdefault(value, {})[kind] = tuple(sums)
    listed = [Tag(name, _values(values)) for name, values in found.items()]
    return sorted(listed, key=_place)


def _values(values: dict[str, dict[str, tuple[int, int, float]]]) -> tuple[TagValue, ...]:
    nothing = (0, 0, 0.0)
    made = (
        TagValue(value, *kinds.get(TAG, nothing), kinds.get(EVENT_TAG, nothing)[0])
        for value, kinds in values.items()
    )
    return tuple(sorted(made, key=lambda one: (-one.runs, -one.errors, one.value)))


def _place(tag: Tag) -> tuple[int, int, str]:
    place = FIRST.index(tag.key) if tag.key in FIRST else len(FIRST)
    return place, -tag.count, tag.key
