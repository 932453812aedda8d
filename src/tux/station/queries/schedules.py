"""When a monitored job should have run, and what of that did not happen. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.crontabs import crontab_of
from tux.station.wire.schedules import SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tux.station.wire.crontabs import Crontab

SLOTS: Final = 40
"""Runs of a strip, those that did not happen among them."""
EARLY: Final = 30.0
"""Seconds before a crontab is due from which a run is the one of then: clocks differ."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a monitored job."""

    started: float
    status: str
    duration: float | None
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a job runs, where that is known."""

    words: str
    interval: float | None
    """Seconds."""
    grace: float
    """Seconds that a run may be late."""
    crontab: Crontab | None = None

    def is_missed(self, started: float, now: float) -> bool:
        """Tell whether another run should have begun since one."""
        due = None
        if self.crontab is not None:
            due = self.crontab.following(started + EARLY)
        elif self.interval is not None:
            due = started + self.interval
        return due is not None and now > due + self.grace


def schedule_of(config: Mapping[str, Any]) -> Schedule:
    """Read a monitor's configuration, which is a foreign client's."""
    given = config.get("schedule")
    given = given if isinstance(given, dict) else {}
    margin = config.get("checkin_margin")
    # Sentry's default of ``checkin_margin``: one minute.
    grace = 60.0 * (margin if isinstance(margin, int) else 1)
    value, unit = given.get("value"), given.get("unit")
    if given.get("type") != "interval":
        words = str(value or "")
        return Schedule(words, None, grace, crontab_of(words, str(config.get("timezone") or "UTC")))
    words = f"every {unit}" if value == 1 else f"every {value} {unit}s"
    seconds = SECONDS.get(str(unit))
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
    if schedule.crontab is not None:
        return _strip_of_crontab(schedule, schedule.crontab, runs, now)
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


def _strip_of_crontab(
    schedule: Schedule, crontab: Crontab, runs: Sequence[Run], now: float
) -> list[Run]:
    """Give each run the moment at which it was due; moments that no run has were missed."""
    oldest = runs[-1].started + EARLY if runs else now
    dues = [due for due in crontab.before(now + EARLY, SLOTS + 1) if due > oldest]
    found: list[Run] = []
    taken = set[float]()
    for run in reversed(runs):  # of two runs the first is the one that was due
        due = next((due for due in dues if due <= run.started + EARLY), run.started)
        is_late = run.status == "ok" and run.started > due + schedule.grace and due not in taken
        taken.add(due)
        found.append(Run(run.started, "late", run.duration) if is_late else run)
    over = [due for due in dues if due + schedule.grace < now and due not in taken]
    found += [Run(due, "missed", None) for due in over]
    return sorted(found, key=lambda run: run.started, reverse=True)[:SLOTS]


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
