"""Users, releases, tags, errors of a time and shares, asked of the station's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.station.test_store_writes import NOW, SPAN_ROW, event, keep, transaction

from tux.station.queries import people, steps
from tux.station.queries.errors import causes
from tux.station.queries.groups import hosts, operations
from tux.station.queries.ranges import RANGES
from tux.station.queries.releases import versions
from tux.station.queries.tags import tags
from tux.station.rollups.names import MOST_VALUES, OTHER
from tux.station.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A file, empty."""
    opened = Store(tmp_path / "station.db", clock=lambda: NOW)
    opened.open()
    yield opened
    opened.close()


@pytest.mark.parametrize("name", RANGES)
async def test_users_are_counted(store: Store, name: str) -> None:
    """The most hit is first, or who was hit last; warnings and what is older do not count."""
    span = RANGES[name]
    old = NOW - span.seconds - 90_000
    hits = (("7", NOW), ("7", NOW - 1), ("8", NOW), ("9", old), (None, NOW))
    for number, (user, moment) in enumerate(hits):
        await keep(store, event(number, user_id=user, timestamp=moment))
    await keep(store, event(9, user_id="6", level="warning"))
    with store.read() as connection:
        found = people.affected(connection, span, NOW)
        assert [(one.user_id, one.errors) for one in found] == [("7", 2), ("8", 1)]
        latest = people.affected(connection, span, NOW, order="latest", limit=1)
        assert [one.user_id for one in latest] == ["7"]
        assert sum(people.affected_over_time(connection, span, NOW)) >= 2
        assert people.affected_over_time(connection, span, NOW)[-1] == 2


async def test_a_user_is_shown_whole(store: Store) -> None:
    """What one user met and ran is there, and nothing of another's."""
    await keep(store, event(1, user_id="7"), event(2, user_id="8", grouping="v1:other"))
    await keep(store, transaction(3, user_id="7", name="ban"), transaction(4, user_id="8"))
    with store.read() as connection:
        assert [one.id for one in people.issues_met(connection, "7")] == [1]
        assert [one.name for one in people.used(connection, "7")] == ["ban"]
        assert [one["name"] for one in people.runs_of(connection, "7")] == ["ban"]


@pytest.mark.parametrize("name", RANGES)
async def test_releases_stand_side_by_side(store: Store, name: str) -> None:
    """Runs, failures, errors and new issues are those of each release."""
    await keep(store, event(1, release="v1", grouping="v1:a"))
    await keep(store, event(2, release="v2", grouping="v1:a"))
    await keep(store, event(3, release="v2", grouping="v1:b"))
    await keep(store, transaction(4, release="v2", status="internal_error"))
    await keep(store, transaction(5, release="v2"))
    with store.read() as connection:
        found = {one.name: one for one in versions(connection, RANGES[name], NOW)}
    one, two = found["v1"], found["v2"]
    assert (one.errors, one.new_issues, one.runs, one.failure_rate) == (1, 1, 0, None)
    assert (two.errors, two.new_issues, two.runs, two.failure_rate) == (2, 1, 2, 0.5)
    assert two.errors_per_thousand == 1000


@pytest.mark.parametrize("name", RANGES)
async def test_tags_tell_runs_apart(store: Store, name: str) -> None:
    """Each value has its runs, failures and errors; one tag can be asked for."""
    size = (("guild.size", "1-99"),)
    await keep(store, transaction(1, tags=size, status="internal_error", duration=10.0))
    await keep(store, transaction(2, tags=size, duration=30.0))
    await keep(store, event(3, tags=size))
    with store.read() as connection:
        (tag,) = tags(connection, RANGES[name], NOW, "guild.size")
        assert tags(connection, RANGES[name], NOW)[0].key == "guild.size"
    (value,) = tag.values
    assert (value.value, value.runs, value.failures, value.errors) == ("1-99", 2, 1, 1)
    assert (value.mean, value.failure_rate) == (20.0, 0.5)


async def test_values_without_end_are_counted_together(store: Store) -> None:
    """A tag has so many values, and the rest is one."""
    for number in range(MOST_VALUES + 5):
        await keep(store, transaction(number, tags=(("guild_id", f"{number}"),)))
    with store.read() as connection:
        (tag,) = tags(connection, RANGES["24h"], NOW, "guild_id")
    assert len(tag.values) == MOST_VALUES + 1
    assert (tag.values[0].value, tag.values[0].runs) == (OTHER, 5)


async def test_errors_of_a_time_are_picked(store: Store) -> None:
    """Time, command, release and user choose errors; those of one issue are one row."""
    of_ban = (("command", "ban"),)
    await keep(store, event(1, grouping="v1:a", tags=of_ban, user_id="7", release="v1"))
    await keep(store, event(2, grouping="v1:a", tags=of_ban, user_id="8", release="v2"))
    await keep(store, event(3, grouping="v1:b", tags=(), user_id="8", release=None))
    await keep(store, event(4, grouping="v1:c", timestamp=NOW - 500))
    await keep(store, event(5, grouping="v1:d", level="warning"))
    with store.read() as connection:
        for picked, expected in (
            ({}, [(1, 2, 2), (2, 1, 1)]),
            ({"command": "ban"}, [(1, 2, 2)]),
            ({"release": ""}, [(2, 1, 1)]),
            ({"user": "8"}, [(1, 1, 1), (2, 1, 1)]),
            ({"user": "8", "command": "ban"}, [(1, 1, 1)]),
        ):
            found = causes(connection, NOW - 60, NOW + 1, picked)
            counted = sorted((one.id, one.errors, one.users) for one in found)
            assert counted == expected, picked


@pytest.mark.parametrize("name", RANGES)
async def test_time_is_told_by_area(store: Store, name: str) -> None:
    """Rows and roll-ups give the same shares, hosts and operations."""
    query = replace(SPAN_ROW, start=NOW, duration=3.0)
    call = replace(query, op="http.client", description="GET https://x.y/z", start=NOW + 0.003)
    await keep(store, transaction(1, name="ban", op="command.slash", spans=(query, call)))
    span = RANGES[name]
    with store.read() as connection:
        shares = steps.whole_shares(steps.shares_over_time(connection, span, NOW, "ban"))
        assert shares == pytest.approx({"db": 3, "external": 3, "own": 6}, abs=0.01)
        (host,) = hosts(connection, span, NOW)
        assert (host.name, host.count) == ("x.y", 1)
        assert {one.name for one in operations(connection, span, NOW)} == {
            "command.slash",
            "db",
            "http.client",
        }
        database = steps.area_whole(connection, span, NOW, "db")
        assert database
        assert database.mean == pytest.approx(3)
        bars = steps.area_over_time(connection, span, NOW, "external")
        assert [bar.count for bar in bars if bar] == [1]
