"""What readers remember of days that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.station.test_store_writes import NOW, event, keep, transaction

from tux.station.queries import groups
from tux.station.queries.figures import durations_over_time
from tux.station.queries.histograms import histograms
from tux.station.queries.people import affected_over_time
from tux.station.queries.ranges import RANGES
from tux.station.rollups.periods import DAY
from tux.station.rollups.tally import TRANSACTION
from tux.station.store import Reader, Store
from tux.station.store.reading import REMEMBERED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tux.station.queries.groups import Group


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "station.db", clock=lambda: NOW)
    opened.open()
    yield opened
    opened.close()


def asked(store: Store, name: str = "30d", now: float = NOW) -> Group:
    """Ask for the one command, by the reader that was asked before."""
    with store.read() as connection:
        assert isinstance(connection, Reader)
        (group,) = groups.commands(connection, RANGES[name], now)
    return group


async def test_what_comes_late_is_seen(store: Store) -> None:
    """A run of a day that was over, and one of today, are in the next answer."""
    await keep(store, transaction(1, start=NOW - 5 * DAY, duration=10.0))
    assert [asked(store).count for _ in range(2)] == [1, 1]
    await keep(store, transaction(2, start=NOW - 5 * DAY, duration=20.0))
    assert (asked(store).count, asked(store, "7d").count) == (2, 2)
    await keep(store, transaction(3, start=NOW, duration=30.0))
    assert (asked(store).count, asked(store).total) == (3, 60)
    assert asked(store, "24h").count == 1


async def test_what_was_today_is_over_tomorrow(store: Store) -> None:
    """A day that ends is asked for once more, and what falls out of the range is gone."""
    await keep(store, transaction(1, start=NOW - 6 * DAY), transaction(2, start=NOW))
    assert asked(store, "7d").count == 2
    assert asked(store, "7d", NOW + DAY).count == 2
    assert asked(store, "7d", NOW + 2 * DAY).count == 1


@pytest.mark.parametrize(("name", "days"), [("30d", 5), ("24h", 0.5)])
async def test_times_that_are_over_are_read_once(store: Store, name: str, days: float) -> None:
    """The second look is made of what the first remembered, by whichever reader, and only so much is."""
    await keep(store, transaction(1, start=NOW - days * DAY))
    with store.read() as connection, store.read() as other:
        assert isinstance(connection, Reader)
        histograms(connection, RANGES[name], NOW, TRANSACTION)
        (known,) = connection.memory._known.values()
        known["planted", "command"] = [(1, 1, 1.0, 0)]
        assert ("planted", "command") in histograms(other, RANGES[name], NOW, TRANSACTION)
        for day in range(REMEMBERED + 10):
            histograms(connection, RANGES[name], NOW + day * DAY, TRANSACTION)
        assert len(connection.memory) == REMEMBERED


async def test_a_look_asks_once(store: Store) -> None:
    """The same question within a look is answered from memory; the next look asks anew."""
    await keep(store, transaction(1, start=NOW))
    with store.read() as connection:
        first = histograms(connection, RANGES["24h"], NOW, TRANSACTION)
        assert histograms(connection, RANGES["24h"], NOW, TRANSACTION) is first
        assert histograms(connection, RANGES["24h"], NOW, TRANSACTION, "other") == {}
    await keep(store, transaction(2, start=NOW))
    assert asked(store, "24h").count == 2


@pytest.mark.parametrize("name", ["24h", "7d", "30d"])
async def test_a_late_error_is_in_the_bars(store: Store, name: str) -> None:
    """Users of bars that are over are remembered until somebody is added to one."""
    then = NOW - 0.9 * RANGES[name].seconds
    for number in (1, 2):
        await keep(store, event(number, timestamp=then, user_id=f"then {number}"))
        await keep(store, event(number + 10, timestamp=NOW, user_id=f"now {number}"))
        for _ in range(2):
            with store.read() as connection:
                users = affected_over_time(connection, RANGES[name], NOW)
            assert [count for count in users if count] == [number, number]


@pytest.mark.parametrize("name", ["24h", "7d", "30d"])
async def test_a_late_run_is_in_the_bars(store: Store, name: str) -> None:
    """Bars of days that are over are remembered until something is added to one."""
    then = NOW - 0.9 * RANGES[name].seconds
    for number in (1, 2):
        await keep(store, transaction(number, start=then))
        await keep(store, transaction(number + 10, start=NOW))
        for _ in range(2):
            with store.read() as connection:
                points = durations_over_time(connection, RANGES[name], NOW)
            counts = [point.count for point in points if point]
            assert counts == [number, number]
