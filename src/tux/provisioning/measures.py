"""What is asked of a source → Sentry's functions, searches and units. Pure.

Sentry measures spans in milliseconds and rates of failure as shares, as we do. It has no function
for "an hour", and a monitor none for "a minute": those become counts of the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.watch.sources import SOURCES

if TYPE_CHECKING:
    from tux.watch.definitions import AlertRule
    from tux.watch.sources import Aggregate, SourceName

_SPAN_FUNCTIONS: Final[dict[Aggregate, str]] = {
    "mean": "avg(span.duration)",
    "p50": "p50(span.duration)",
    "p95": "p95(span.duration)",
    "p99": "p99(span.duration)",
    "max": "max(span.duration)",
    "failure_rate": "failure_rate()",
}
_RATES: Final[dict[Aggregate, int]] = {"per_minute": 60, "per_hour": 3600}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a monitor looks at."""

    aggregate: str
    query: str
    threshold: float
    calm: float


def function_of(source: SourceName, aggregate: Aggregate) -> str:
    """Name Sentry's function; rates by the hour are counts, to be drawn in intervals of an hour."""
    if aggregate == "per_minute":
        return "epm()"
    if aggregate == "users":
        return "count_unique(user)"
    if aggregate in {"count", "per_hour"}:
        return "count()" if SOURCES[source].dataset == "errors" else "count(span.duration)"
    return _SPAN_FUNCTIONS[aggregate]


def measure_of(rule: AlertRule) -> Measure:
    """Say what a monitor must look at so that it fires when the rule does."""
    terms = [SOURCES[rule.source].query]
    if rule.command:
        terms.append(f"command:{_quoted(rule.command)}")
    if rule.aggregate == "max":
        # The longest is above it if any is; `max` itself is not weighed by the sampling.
        terms.append(f"span.duration:>{_duration(rule.threshold)}")
        return Measure(function_of(rule.source, "count"), " ".join(terms), 0, 0)
    seconds = _RATES.get(rule.aggregate)
    if seconds is None:
        function = function_of(rule.source, rule.aggregate)
        return Measure(function, " ".join(terms), rule.threshold, rule.calm)
    share = rule.window_seconds / seconds
    function = function_of(rule.source, "count")
    return Measure(function, " ".join(terms), rule.threshold * share, rule.calm * share)


def _quoted(word: str) -> str:
    """Write a value of a search; names of subcommands have blanks."""
    return word if word.isidentifier() else '"' + word.replace('"', '\\"') + '"'


def _duration(milliseconds: float) -> str:
    seconds = milliseconds / 1000
    return f"{seconds:g}s" if seconds.is_integer() else f"{milliseconds:g}ms"
