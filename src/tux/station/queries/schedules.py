"""When a monitored job should have run, and what of that did not happen. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS: Final = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604_800,
    "month": 2_678_400,
    "year": 31_622_400,
}
SLOTS: Final = 40
"""Runs of a strip, those that did not happen among them."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a monitored job."""

    started: float
    status: str
    duration: float | None
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a job runs, where that is known: when a crontab is due, only Sentry itself says."""

    words: str
    interval: float | None
    """Seconds."""
    grace: float
    """Seconds that a run may be late."""

    def is_missed(self, started: float, now: float) -> bool:
        """Tell whether another run should have begun since one."""
        return self.interval is not None and now > started + self.interval + self.grace


def schedule_of(config: Mapping[str, Any]) -> Schedule:
    """Read a monitor's configuration, which is a foreign client's."""
    given = config.get("schedule")
    given = given if isinstance(given, dict) else {}
    margin = config.get("checkin_margin")
    # Sentry's default of ``checkin_margin``: one minute.
    grace = 60.0 * (margin if isinstance(margin, int) else 1)
    value, unit = given.get("value"), given.get("unit")
    if given.get("type") != "interval":
        return Schedule(str(value or ""), None, grace)
    words = f"every {unit}" if value == 1 else f"every {value} {unit}s"
    seconds = _SECONDS.get(str(unit))
    if not isinstance(value, int) or value <= 0 or seconds is None:
        return Schedule(words, None, grace)
    return Schedule(words, float(value * seconds), grace)


def strip_of(schedule: Schedule, runs: Sequence[Run], now: float) -> list[Run]:
    """Lay runs out, the newest first: late ones marked, and missed ones in their places.

    Args:
        schedule: when they should begin.
        runs: those that began, the newest first.
        now: in Unix seconds.
    """
    if schedule.interval is None:
        return list(runs[:SLOTS])
    found: list[Run] = []
    after = now
    for place, run in enumerate(runs):
        found += _missed(schedule, run.started, after, is_over=place == 0)
        older = runs[place + 1].started if place + 1 < len(runs) else None
        found.append(_marked(schedule, run, older))
        if len(found) >= SLOTS:
            break
        after = run.started
    return found[:SLOTS]


def _missed(schedule: Schedule, since: float, until: float, *, is_over: bool) -> list[Run]:
    """List what should have begun between two runs, or since the last one."""
    interval = schedule.interval or 1.0
    left = until - since - (schedule.grace if is_over else interval / 2)
    count = min(max(math.ceil(left / interval) - 1, 0), SLOTS)
    return [
        Run(since + interval * (number + 1), "missed", None) for number in reversed(range(count))
    ]


def _marked(schedule: Schedule, run: Run, older: float | None) -> Run:
    interval = schedule.interval or 0.0
    gap = 0.0 if older is None else run.started - older
    is_late = interval + schedule.grace < gap < 1.5 * interval
    return Run(run.started, "late", run.duration) if is_late and run.status == "ok" else run
