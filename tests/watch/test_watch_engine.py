from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tux.watch import AlertRule, Team
from tux.watch.engine import GAP_SECONDS, Change, Kind, State, Status, acknowledge, look, silence

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = 1_780_000_000.0 // 86_400 * 86_400 + 12 * 3600
STEP = 5.0
TEAM = Team(title="Team")


def rule_of(**fields: Any) -> AlertRule:
    return AlertRule.model_validate(
        {
            "title": "Errors",
            "source": "errors",
            "aggregate": "count",
            "threshold": 10,
            "window_seconds": 60,
            "team": "team",
            "cooldown_seconds": 0,
            **fields,
        }
    )


def looked(
    rule: AlertRule,
    values: Iterable[float | None],
    state: State | None = None,
    team: Team = TEAM,
    begin: float = NOON,
) -> tuple[State, list[Change]]:
    """Look every few seconds."""
    state = state or State()
    changes: list[Change] = []
    for place, value in enumerate(values):
        state, some = look(rule, team, state, value, begin + place * STEP)
        changes += some
    return state, changes


def told(changes: Iterable[Change]) -> list[tuple[str, float]]:
    return [(change.kind.value, change.at - NOON) for change in changes if change.is_told]


@pytest.mark.parametrize(
    ("fields", "values", "expected"),
    [
        ({}, [0, 10, 11, 12, 10], [("firing", 10), ("resolved", 20)]),
        ({}, [None, 11, None], [("firing", 5), ("resolved", 10)]),
        ({"for_seconds": 10}, [11, 11, 0, 11, 11, 11], [("firing", 25)]),
        ({"resolve_below": 5}, [11, 8, 6, 5], [("firing", 0), ("resolved", 15)]),
        ({"resolve_seconds": 10}, [11, 0, 11, 0, 0, 0], [("firing", 0), ("resolved", 25)]),
        # Within the cooldown nothing new is told; what still fires after it is.
        ({"cooldown_seconds": 20}, [11, 0, 11, 0], [("firing", 0), ("resolved", 5)]),
        (
            {"cooldown_seconds": 20},
            [11, 0, 11, 11, 11, 11, 0],
            [("firing", 0), ("resolved", 5), ("told", 20), ("resolved", 30)],
        ),
        ({"enabled": False}, [99, 99], []),
    ],
)
def test_who_is_told_when(
    fields: dict[str, Any], values: list[float | None], expected: list[tuple[str, float]]
) -> None:
    """Each wait of a rule does what it says."""
    assert told(looked(rule_of(**fields), values)[1]) == expected


def test_a_rule_goes_through_its_states() -> None:
    """It is ok, firing, acknowledged by a person, resolved, and ok again after the cooldown."""
    rule = rule_of(cooldown_seconds=20)
    state, _ = looked(rule, [0])
    assert state.status is Status.OK
    state, _ = looked(rule, [11, 30, 12], state)
    assert (state.status, state.since, state.peak) == (Status.FIRING, NOON, 30)
    state, taken = acknowledge(state, NOON + 12)
    assert (state.status, told(taken)) == (Status.ACKNOWLEDGED, [])
    assert acknowledge(state, NOON + 13) == (state, ())
    state, changes = looked(rule, [11, 0], state, begin=NOON + 15)
    assert state.status is Status.RESOLVED
    assert told(changes) == [("resolved", 20)]
    state, _ = looked(rule, [0, 0, 0, 0, 0], state, begin=NOON + 25)
    assert state.status is Status.OK


def test_quiet_hours_put_off_what_still_fires() -> None:
    """At night nobody is told; in the morning of what is still so, and of nothing else."""
    team = Team.model_validate({"title": "Team", "quiet_hours": "12:00-12:01"})
    over, changes = looked(rule_of(), [11, 0], team=team)
    assert [change.kind for change in changes] == [Kind.FIRED, Kind.RESOLVED]
    assert (told(changes), over.is_told) == ([], False)
    _, changes = looked(rule_of(), [11] * 14, team=team)
    assert told(changes) == [("told", 60)]


def test_a_silence_ends() -> None:
    """A silenced rule fires unheard; after the silence what still fires is told."""
    state = silence(State(), NOON + 15)
    assert told(looked(rule_of(), [11, 0, 11, 11], state)[1]) == [("told", 15)]
    assert told(looked(rule_of(), [11], silence(state, 0.0))[1]) == [("firing", 0)]


def test_what_was_acknowledged_is_not_told_late() -> None:
    """Whoever works on it need not be told at the end of the quiet hours."""
    state, _ = looked(rule_of(), [11], silence(State(), NOON + 7))
    state, _ = acknowledge(state, NOON + 2)
    assert told(looked(rule_of(), [11, 11, 0], state, begin=NOON + 5)[1]) == []


def test_a_rule_that_is_switched_off_resolves() -> None:
    """Whoever was told that it fires is told that it is over."""
    state, _ = looked(rule_of(), [11])
    state, changes = looked(rule_of(enabled=False), [11, 11], state, begin=NOON + 5)
    assert told(changes) == [("resolved", 5)]
    assert state.status is Status.OK


def test_after_a_gap_waits_begin_anew() -> None:
    """A station that was off does not know that the value was above all the while."""
    rule = rule_of(for_seconds=60)
    state, _ = looked(rule, [11, 11])
    state, changes = looked(rule, [11], state, begin=NOON + GAP_SECONDS + 10)
    assert changes == []
    assert state.turning == NOON + GAP_SECONDS + 10


def test_a_clock_that_is_put_back_stops_nothing() -> None:
    """After the clock went back an hour, a rule fires, resolves and is told as before."""
    rule = rule_of(for_seconds=10, cooldown_seconds=30)
    state, _ = looked(rule, [11, 11, 11, 0, 11], begin=NOON + 3600)
    _, changes = looked(rule, [11] * 9, state)
    assert told(changes) == [("told", 30)]


values = st.lists(st.one_of(st.none(), st.integers(0, 20)), max_size=80)
rules = st.builds(
    lambda below, **fields: rule_of(resolve_below=10 - below, **fields),
    below=st.integers(0, 10),
    for_seconds=st.sampled_from([0, 5, 30]),
    resolve_seconds=st.sampled_from([0, 5, 30]),
    cooldown_seconds=st.sampled_from([0, 20, 600]),
)


@given(rules, values)
def test_it_never_flaps(rule: AlertRule, measured: list[float | None]) -> None:
    """Firing and over take turns, each waits as long as it must, and no cooldown is broken."""
    _, changes = looked(rule, measured)
    turns = [change for change in changes if change.kind in {Kind.FIRED, Kind.RESOLVED}]
    assert [change.kind for change in turns[::2]] == [Kind.FIRED] * len(turns[::2])
    assert [change.kind for change in turns[1::2]] == [Kind.RESOLVED] * len(turns[1::2])
    for before, after in pairwise(turns):
        is_over = after.kind is Kind.RESOLVED
        assert after.at - before.at >= (rule.resolve_seconds if is_over else rule.for_seconds)
        if is_over:
            assert after.value is None or after.value <= rule.calm
        else:
            assert after.value is not None
            assert after.value > rule.threshold
    heard = [change for change in changes if change.is_told]
    alarms = [change.at for change in heard if change.kind is not Kind.RESOLVED]
    gaps = [after - before for before, after in pairwise(alarms)]
    assert all(gap >= rule.cooldown_seconds for gap in gaps)
    # Over is told exactly after each alarm that was told.
    kinds = ["over" if change.kind is Kind.RESOLVED else "alarm" for change in heard]
    assert kinds == (["alarm", "over"] * len(kinds))[: len(kinds)]


@given(rules, values, st.integers(1, 9))
def test_a_lower_threshold_is_never_later(
    rule: AlertRule, measured: list[float | None], less: int
) -> None:
    """What is above a threshold is above a lower one: the first alarm comes no later."""
    lower = rule.model_copy(
        update={"threshold": rule.threshold - less, "resolve_below": max(0.0, rule.calm - less)}
    )
    first = next((change.at for change in looked(rule, measured)[1]), None)
    if first is not None:
        assert looked(lower, measured)[1][0].at <= first


@given(rules, values, st.integers(0, 80))
def test_a_restart_changes_nothing(rule: AlertRule, measured: list[float | None], cut: int) -> None:
    """A state that was kept goes on where it was: nothing is told twice, nothing is lost."""
    whole = looked(rule, measured)
    state, before = looked(rule, measured[:cut])
    after = looked(rule, measured[cut:], replace(state), begin=NOON + len(measured[:cut]) * STEP)
    assert (after[0], before + after[1]) == whole or not measured[cut:]
