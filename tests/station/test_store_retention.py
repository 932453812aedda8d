"""What goes, and what stays when rows go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.test_store_writes import NOW, event, keep, transaction, values

from tux.shared.settings import StationSettings
from tux.station.queries import figures, groups
from tux.station.queries.logs import AskingLogs, logs
from tux.station.queries.ranges import RANGES
from tux.station.rollups.periods import DAY
from tux.station.store import Store
from tux.station.store.retention import prune, shrink
from tux.station.wire.rows import LogRow, SessionRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = StationSettings(event_days=30, transaction_days=7, count_days=400)
TIERS = "SELECT count(DISTINCT period) FROM {} WHERE tier = {}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "station.db", clock=lambda: NOW)
    opened.open()
    yield opened
    opened.close()


async def fill(store: Store, *ages: float, **changes: Any) -> None:
    """Keep a run and an error for each age, in days."""
    for number, age in enumerate(ages):
        then = NOW - age * DAY
        user = f"{age}"
        await keep(
            store,
            transaction(number, start=then, user_id=user, **changes),
            event(number, timestamp=then, grouping=f"v1:{age}", user_id=user),
            SessionRow(f"{number:032x}", then, then, f"r{age}", ""),
        )


async def test_what_was_counted_outlives_the_rows(store: Store) -> None:
    """Charts of a month are whole while the runs of three weeks of it are gone."""
    await fill(store, 1, 8, 20, 29)
    await prune(store, SETTINGS, NOW)
    assert values(store, "SELECT count(*) FROM transactions") == [1]
    with store.read() as connection:
        found = figures.figures(connection, RANGES["30d"], NOW)
        (group,) = groups.commands(connection, RANGES["30d"], NOW)
    assert (found.runs, found.errors, found.users) == (4, 4, 4)
    assert (group.count, group.users) == (4, 4)


async def test_each_tier_is_kept_as_long_as_it_is_read(store: Store) -> None:
    """Minutes go after days, half hours after the longest range, days after a year and more."""
    await fill(store, 1, 2, 4, 29, 31, 33, 300, 399, 401)
    removed = await prune(store, SETTINGS, NOW)
    for table in ("durations", "counts", "session_counts"):
        assert values(store, TIERS.format(table, 0)) == [5], table
        assert values(store, TIERS.format(table, 1)) == [8], table
    assert values(store, TIERS.format("counts", 2)) == [2]
    per_series = "SELECT count(*) FROM series_users GROUP BY series_id"
    assert values(store, per_series) == [5, 5, 5]
    assert len(values(store, "SELECT user_id FROM affected")) == 5
    assert len(values(store, "SELECT user_id FROM issue_users")) == 4
    assert len(values(store, "SELECT hour FROM issue_hours")) == 4
    assert removed["durations"] > 0


async def test_a_series_of_which_nothing_is_left_is_forgotten(store: Store) -> None:
    """A name that has been gone for long makes room, and may come back."""
    await fill(store, 500, name="old command")
    assert "old command" in values(store, "SELECT name FROM series")
    await prune(store, SETTINGS, NOW)
    assert values(store, "SELECT name FROM series") == []
    await fill(store, 1, name="old command")
    with store.read() as connection:
        (group,) = groups.commands(connection, RANGES["7d"], NOW)
    assert group.name == "old command"


async def test_removed_lines_are_found_no_more(store: Store) -> None:
    """The index of texts forgets what is gone, and the file stays whole."""
    for age in (8.0, 6.0):
        await keep(store, LogRow(NOW - age * DAY, "info", f"Shard {age} lost", None, "{}"))
    await prune(store, SETTINGS, NOW)
    with store.read() as connection:
        assert [log.body for log in logs(connection, AskingLogs(query="shard"))] == [
            "Shard 6.0 lost"
        ]
        matches = connection.execute("SELECT rowid FROM logs_text WHERE logs_text MATCH 'sha'")
        assert len(matches.fetchall()) == 1
    check = "INSERT INTO logs_text (logs_text) VALUES ('integrity-check')"
    await store.change(lambda connection: connection.execute(check).rowcount)


async def test_a_file_at_its_limit_keeps_less(store: Store) -> None:
    """The oldest rows of each kind go until the file has its size; figures stay."""
    for day in range(20):
        for number in range(5):
            await keep(
                store,
                transaction(
                    day * 10 + number,
                    start=NOW - day / 4 * DAY,
                    payload=os.urandom(50_000),
                    name=f"command {number}",
                ),
            )
    settings = StationSettings(size_mb=2)
    share = await shrink(store, settings, NOW)
    assert 0 < share < 1
    (pages,) = values(store, "SELECT page_count FROM pragma_page_count")
    assert pages * 4096 <= 2_000_000
    (oldest,) = values(store, "SELECT min(start) FROM transactions")
    (left,) = values(store, "SELECT count(*) FROM transactions")
    assert 10 < left < 40
    assert oldest > NOW - 3 * DAY
    with store.read() as connection:
        assert figures.figures(connection, RANGES["7d"], NOW).runs == 100
    assert await shrink(store, settings, NOW) == 1


async def test_a_limit_that_cannot_be_met_ends(store: Store) -> None:
    """A file that is too large when it is empty stays as it is."""
    await fill(store, 1)
    assert await shrink(store, StationSettings(size_mb=0.01), NOW) < 0.001
    assert values(store, "SELECT count(*) FROM transactions") == [0]


async def test_a_transaction_with_a_thousand_spans_goes_at_once(store: Store) -> None:
    """What hangs on a row goes with it, also where it is much."""
    old = transaction(1, start=NOW - 8 * DAY)
    await keep(store, *(transaction(n, start=old.start, spans=old.spans * 1000) for n in range(20)))
    assert (await prune(store, SETTINGS, NOW))["transactions"] == 20
    assert values(store, "SELECT count(*) FROM spans") == [0]
