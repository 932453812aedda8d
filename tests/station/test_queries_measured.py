"""Figures about commands: of all that a bot has measured, or of the transactions that it sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from tests.station.test_queries_figures import NOW, exact, file, keep, run

from tux.station.queries import figures, groups, watched
from tux.station.queries.measured import Sampling, knows_more, sampling
from tux.station.queries.ranges import RANGES
from tux.station.wire.rows import CommandRunRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tux.station.queries.ranges import Range

__all__ = ["file"]
EVERY = pytest.mark.parametrize("span", RANGES.values(), ids=RANGES)


def tell(
    file: sqlite3.Connection,
    command: str,
    durations: Iterable[float],
    *,
    status: str = "ok",
    age: float = 10.0,
) -> None:
    """Keep runs that a bot has measured."""
    keep(
        file,
        *(
            CommandRunRow(NOW - age, command, None, duration, uuid4().hex, status, None)
            for duration in durations
        ),
    )


def counted(found: Any) -> tuple[int, int]:
    return (found.count, found.failures)


@EVERY
def test_every_run_counts(file: sqlite3.Connection, span: Range) -> None:
    """A failure that is not sampled is in each figure; users and samples are those of transactions."""
    durations = [float(number) for number in range(1, 191)]
    tell(file, "ban", durations)
    tell(file, "ban", [200.0] * 6, status="internal_error")
    tell(file, "ban", [300.0] * 4, status="invalid_argument")
    for number in range(20):
        run(file, 1000.0, user=f"{number % 5}")
    (group,) = groups.commands(file, span, NOW)
    assert (*counted(group), group.users, group.sampled) == (200, 6, 5, 20)
    assert groups.transactions(file, span, NOW) == [group]
    assert groups.transactions(file, span, NOW, name="ban") == [group]
    all_durations = [*durations, *[200.0] * 6, *[300.0] * 4]
    assert [group.p50, group.p95, group.p99] == pytest.approx(exact(all_durations), rel=0.025)
    assert group.total == pytest.approx(sum(all_durations))
    found = figures.figures(file, span, NOW)
    assert found.commands
    assert counted(found.commands) == (200, 6)
    assert found.failure_rate == 0.03
    for name in (None, "ban"):
        points = [one for one in figures.durations_over_time(file, span, NOW, name) if one]
        assert [counted(one) for one in points] == [(200, 6)]
        assert sampling(file, span, NOW, name) == Sampling(20, 200, is_measured=True)
    assert watched.whole(file, "commands", span, NOW).count == 200
    told = watched.by_tag(file, "commands", "command", span, NOW)
    assert told
    ((name, measure),) = told
    assert (name, measure.count, measure.failure_rate, measure.users) == ("ban", 200, 0.03, 5)


@EVERY
def test_commands_that_nobody_samples(file: sqlite3.Connection, span: Range) -> None:
    """Without any transaction there are all figures but users."""
    tell(file, "ban", [10.0, 20.0])
    (group,) = groups.transactions(file, span, NOW)
    assert (group.name, group.op, group.count, group.users, group.sampled) == (
        *("ban", "command", 2),
        *(0, 0),
    )
    assert sampling(file, span, NOW, "kick") == Sampling(0, 0, is_measured=False)


@EVERY
def test_a_bot_that_measures_beside_one_that_does_not(
    file: sqlite3.Connection, span: Range
) -> None:
    """Of each command that is taken of which more is known, and all together are their sum."""
    tell(file, "ban", [10.0] * 40, status="internal_error")
    run(file, 500.0)
    for _ in range(3):
        run(file, 500.0, name="kick", op="command.slash")
        run(file, 500.0, name="tidy", op="task.loop")
    found = {one.name: (one.count, one.sampled) for one in groups.commands(file, span, NOW)}
    assert found == {"ban": (40, 1), "kick": (3, 3)}
    found = {one.name: (one.count, one.sampled) for one in groups.transactions(file, span, NOW)}
    assert found == {"ban": (40, 1), "kick": (3, 3), "tidy": (3, 3)}
    whole = figures.whole(file, span, NOW)
    assert whole
    assert counted(whole) == (43, 40)


@EVERY
def test_what_was_sampled_before_anything_was_measured(
    file: sqlite3.Connection, span: Range
) -> None:
    """Where transactions know of more runs, figures are of them."""
    for _ in range(20):
        run(file, 100.0, status="internal_error")
    tell(file, "ban", [10.0] * 5)
    (group,) = groups.commands(file, span, NOW)
    assert (*counted(group), group.sampled) == (20, 20, 20)
    points = [one for one in figures.durations_over_time(file, span, NOW) if one]
    assert [counted(one) for one in points] == [(20, 20)]
    assert sampling(file, span, NOW, "ban") == Sampling(20, 20, is_measured=False)


@EVERY
def test_suggestions_are_no_runs(file: sqlite3.Connection, span: Range) -> None:
    """What is asked while somebody types has the name of a command, and is counted by itself."""
    for _ in range(5):
        run(file, 1.0, op="command.autocomplete")
    assert groups.commands(file, span, NOW) == []
    assert [(one.count, one.sampled) for one in groups.transactions(file, span, NOW)] == [(5, 5)]
    run(file, 10.0, op="command.slash")
    assert [(one.count, one.sampled) for one in groups.transactions(file, span, NOW)] == [(1, 1)]
    tell(file, "ban", [10.0])
    assert [(one.count, one.sampled) for one in groups.transactions(file, span, NOW)] == [(1, 1)]
    assert sampling(file, span, NOW) == Sampling(1, 1, is_measured=True)


@EVERY
def test_a_loop_with_the_name_of_a_command(file: sqlite3.Connection, span: Range) -> None:
    """Other work of the same name is counted with the command's measured runs."""
    tell(file, "ban", [10.0] * 10)
    run(file, 20.0, op="command.slash")
    run(file, 30.0, op="task.loop")
    (group,) = groups.transactions(file, span, NOW)
    assert (group.count, group.sampled) == (11, 2)
    assert group.total == pytest.approx(130)


@pytest.mark.parametrize(
    ("measured", "sampled", "is_known"),
    [(0, 0, False), (1, 0, True), (1, 1, True), (9, 10, True), (8, 10, False), (0, 1, False)],
)
def test_who_knows_more(measured: int, sampled: int, *, is_known: bool) -> None:
    """As many are enough, and the newest may still be on their way."""
    assert knows_more(measured, sampled) is is_known


@EVERY
def test_suggestions_that_alone_are_sampled_are_no_runs(
    file: sqlite3.Connection, span: Range
) -> None:
    """Where somebody only typed in the sample, the measured runs stand by themselves."""
    tell(file, "ban", [100.0] * 3)
    for _ in range(5):
        run(file, 1.0, op="command.autocomplete")
    (group,) = groups.transactions(file, span, NOW)
    assert (group.count, group.sampled, group.op) == (3, 0, "command")
