"""Rules, and what was measured → states and changes. Pure: the clock is an argument.

A rule is looked at every few seconds. What it knows from one look to the next is its ``State``, a
handful of numbers that the caller keeps; what happened between is its ``Change``s.

``ok`` → ``firing`` once the value has been above the threshold for ``for_seconds``; → ``resolved``
once it has been at or below ``resolve_below`` for ``resolve_seconds``; → ``ok`` when the cooldown is
over. A person turns ``firing`` into ``acknowledged``, which resolves alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tux.watch.definitions import AlertRule, Team

GAP_SECONDS: Final = 120.0
"""Nobody looked for so long: what the value was meanwhile is unknown, so waits begin anew."""


class Status(StrEnum):
    """How a rule is."""

    OK = "ok"
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"

    @property
    def is_on(self) -> bool:
        """Whether the value is above what was agreed."""
        return self in {Status.FIRING, Status.ACKNOWLEDGED}


class Kind(StrEnum):
    """What a change is, and what a notification speaks of."""

    FIRED = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    TOLD = "told"
    """A firing that had to wait (cooldown, quiet hours, silence) is told now."""


@dataclass(frozen=True, slots=True)
class State:
    """What a rule knows of the past."""

    status: Status = Status.OK
    since: float = 0.0
    """When it took this status."""
    seen: float = 0.0
    """When it was last looked at."""
    value: float | None = None
    """What was measured then; None of nothing."""
    began: float = 0.0
    """When this firing began, or the last one."""
    peak: float = 0.0
    """The highest value of it."""
    turning: float | None = None
    """Since when the value speaks against the status; None while it speaks for it."""
    is_told: bool = False
    """Whether the team knows of this firing."""
    told: float | None = None
    """When the team was last told that the rule fires."""
    silenced: float = 0.0
    """Nobody is told before this moment."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a rule."""

    kind: Kind
    at: float
    value: float | None
    is_told: bool
    """Whether the team is to be told of it."""


def look(
    rule: AlertRule, team: Team, state: State, value: float | None, now: float
) -> tuple[State, tuple[Change, ...]]:
    """Look at a rule once; gives what it knows now, and what happened."""
    state = _at(state, now)
    if not rule.enabled:
        return _switched_off(state, now)
    wait = rule.resolve_seconds if state.status.is_on else rule.for_seconds
    speaks_against = _is_calm(rule, value) if state.status.is_on else _is_above(rule, value)
    turning = (now if state.turning is None else state.turning) if speaks_against else None
    state = replace(state, value=value, turning=turning)
    if turning is not None and now - turning >= wait:
        return _turned(rule, team, state, now)
    if state.status.is_on:
        state = replace(state, peak=max(state.peak, value or 0.0))
        return _told_late(rule, team, state, now)
    if state.status is Status.RESOLVED and now - state.since >= rule.cooldown_seconds:
        state = replace(state, status=Status.OK, since=now)
    return state, ()


def acknowledge(state: State, now: float) -> tuple[State, tuple[Change, ...]]:
    """Take note that somebody works on it: it is not told again until it is over."""
    if state.status is not Status.FIRING:
        return state, ()
    changed = replace(state, status=Status.ACKNOWLEDGED, since=now)
    return changed, (Change(Kind.ACKNOWLEDGED, now, state.value, is_told=False),)


def silence(state: State, until: float) -> State:
    """Tell nobody of a rule before a moment; 0 ends the silence."""
    return replace(state, silenced=until)


def _at(state: State, now: float) -> State:
    """Bring a state to now: after a gap, or a clock that was put back, waits begin anew."""
    turning = state.turning
    if turning is not None and (turning > now or now - state.seen > GAP_SECONDS):
        turning = None
    told = None if state.told is None else min(state.told, now)
    return replace(state, seen=now, turning=turning, told=told, since=min(state.since, now))


def _is_above(rule: AlertRule, value: float | None) -> bool:
    return value is not None and value > rule.threshold


def _is_calm(rule: AlertRule, value: float | None) -> bool:
    """Where nothing happened, nothing is wrong."""
    return value is None or value <= rule.calm


def _turned(
    rule: AlertRule, team: Team, state: State, now: float
) -> tuple[State, tuple[Change, ...]]:
    if state.status.is_on:
        # Whoever was told that it fires is told that it is over, whatever the hour.
        change = Change(Kind.RESOLVED, now, state.value, is_told=state.is_told)
        state = replace(state, status=Status.RESOLVED, since=now, turning=None, is_told=False)
        return state, (change,)
    state = replace(
        state,
        status=Status.FIRING,
        since=now,
        began=now,
        peak=state.value or 0.0,
        turning=None,
        is_told=False,
    )
    may = _may_tell(rule, team, state, now)
    change = Change(Kind.FIRED, now, state.value, is_told=may)
    return (replace(state, is_told=True, told=now) if may else state), (change,)


def _told_late(
    rule: AlertRule, team: Team, state: State, now: float
) -> tuple[State, tuple[Change, ...]]:
    if (
        state.is_told
        or state.status is Status.ACKNOWLEDGED
        or not _may_tell(rule, team, state, now)
    ):
        return state, ()
    change = Change(Kind.TOLD, now, state.value, is_told=True)
    return replace(state, is_told=True, told=now), (change,)


def _may_tell(rule: AlertRule, team: Team, state: State, now: float) -> bool:
    if now < state.silenced:
        return False
    if state.told is not None and now - state.told < rule.cooldown_seconds:
        return False
    hours = team.quiet_hours
    return hours is None or not hours.cover(datetime.fromtimestamp(now, UTC).time())


def _switched_off(state: State, now: float) -> tuple[State, tuple[Change, ...]]:
    if not state.status.is_on:
        return replace(state, status=Status.OK, turning=None), ()
    change = Change(Kind.RESOLVED, now, None, is_told=state.is_told)
    return State(since=now, seen=now, told=state.told), (change,)
