"""What can be counted and measured, in the words of Sentry's search. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

SourceName: TypeAlias = Literal[
    "errors", "database_errors", "commands", "operations", "queries", "calls"
]
Aggregate: TypeAlias = Literal[
    "count", "users", "per_minute", "per_hour", "mean", "p50", "p95", "p99", "max", "failure_rate"
]
Unit: TypeAlias = Literal["count", "per_minute", "per_hour", "millisecond", "ratio"]

COUNTS: Final[tuple[Aggregate, ...]] = ("count", "users", "per_minute", "per_hour")
MEASURES: Final[tuple[Aggregate, ...]] = ("mean", "p50", "p95", "p99", "max", "failure_rate")

UNITS: Final[dict[Aggregate, Unit]] = {
    "count": "count",
    "users": "count",
    "per_minute": "per_minute",
    "per_hour": "per_hour",
    "mean": "millisecond",
    "p50": "millisecond",
    "p95": "millisecond",
    "p99": "millisecond",
    "max": "millisecond",
    "failure_rate": "ratio",
}
"""What the number of an aggregate is of."""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing that happens."""

    title: str
    dataset: Literal["errors", "spans"]
    """Sentry's: single events, or units of work and what they are made of."""
    query: str
    """Which of the data set, as Sentry's search has it."""
    shortest_window: int
    """Seconds: Sentry takes no monitor that looks at less. Our station takes any window."""
    aggregates: tuple[Aggregate, ...]
    """What can be asked of it. Measures are of ``span.duration``."""


_ERRORS: Final = "level:[error,fatal]"
_ALL: Final = (*COUNTS, *MEASURES)

SOURCES: Final[dict[SourceName, Source]] = {
    "errors": Source("Errors", "errors", _ERRORS, 60, COUNTS),
    "database_errors": Source(
        "Errors of the database", "errors", f"{_ERRORS} error.kind:database", 60, COUNTS
    ),
    "commands": Source("Commands", "spans", "is_transaction:true span.op:command*", 300, _ALL),
    "operations": Source("Operations", "spans", "has:span.op", 300, _ALL),
    "queries": Source("Database queries", "spans", "span.op:db*", 300, _ALL),
    "calls": Source("Calls of external APIs", "spans", "span.op:http.client", 300, _ALL),
}
