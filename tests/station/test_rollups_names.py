"""How many series there may be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tux.station.rollups.names import OTHER, Names, other_of
from tux.station.rollups.tally import Series
from tux.station.store.schema import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """The station's tables, empty."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection, 0.0)
        yield connection


def test_a_series_keeps_its_number(file: sqlite3.Connection) -> None:
    """The same series has the same number, also for a writer that has just begun."""
    first, second = Series("transaction", "ban", "command"), Series("transaction", "ban", "task")
    names = Names()
    numbers = [names.number(file, one) for one in (first, second, first)]
    assert numbers[0] == numbers[2] != numbers[1]
    assert Names().number(file, second) == numbers[1]


def test_what_has_no_room_is_counted_together(file: sqlite3.Connection) -> None:
    """Names without end share one series of each kind and op, and known ones stay what they are."""
    names = Names(most_shown=3)
    numbers = [
        names.number(file, Series("transaction", f"run {number}", "command.slash"))
        for number in range(50)
    ]
    assert len(set(numbers)) == 4
    assert names.number(file, Series("transaction", "run 0", "command.slash")) == numbers[0]
    task = names.number(file, Series("transaction", "run", "task"))
    assert task not in numbers
    assert names.number(file, Series("db", "SELECT 1")) not in {*numbers, task}
    kept = file.execute("SELECT name, op FROM series WHERE kind = 'transaction'").fetchall()
    assert sorted(kept)[:2] == [(OTHER, "command"), (OTHER, "default")]
    assert len(kept) == 5


def test_names_are_looked_up_anew_when_they_are_forgotten(file: sqlite3.Connection) -> None:
    """What was taken back is added again."""
    names, series = Names(most=1), Series("run", "ban", "command", "ok", "1")
    file.execute("BEGIN")
    names.number(file, series)
    file.execute("ROLLBACK")
    names.forget()
    number = names.number(file, series)
    assert file.execute("SELECT name FROM series WHERE id = ?", (number,)).fetchone() == ("ban",)


@pytest.mark.parametrize(
    ("series", "other"),
    [
        (Series("run", "a", "command.x", "internal_error", "1"), ("command", "internal_error")),
        (Series("run", "a", "b", "whatever", "1"), ("default", "unknown")),
        (Series("event", "a", "", "fatal", "1"), ("", "fatal")),
        (Series("session", release="1"), ("", "")),
    ],
)
def test_others_still_tell_failures(series: Series, other: tuple[str, str]) -> None:
    """A series of others says whether commands failed and how bad events were, not whose."""
    assert other_of(series) == Series(series.kind, OTHER, *other)
