"""What becomes of issues: by people, and by the events that come afterwards."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.station.test_store_writes import NOW, event

from tux.station.queries.events import history
from tux.station.store import Store
from tux.station.store.arrivals import wake
from tux.station.store.states import (
    ANY_RELEASE,
    AWAKE,
    REGRESSED,
    State,
    by_version,
    reopened_by,
)
from tux.station.store.triage import Decision, decide
from tux.station.wire.rows import Batch, EventRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RESOLVED = State("resolved", NOW, None, None, None, 5)
IN_NEXT = State("resolved", NOW, "v1", None, None, 5)
IGNORED = State("ignored", None, None, None, None, 5)


@pytest.mark.parametrize(
    ("state", "after", "release", "expected"),
    [
        (State("unresolved", None, None, None, None, 5), 9, "v2", None),
        (RESOLVED, 1, None, REGRESSED),
        (RESOLVED, 0, "v2", None),
        (RESOLVED, -3600, "v2", None),
        (IN_NEXT, 1, "v2", REGRESSED),
        (IN_NEXT, 1, "v1", None),
        (IN_NEXT, 1, "v0", None),
        (IN_NEXT, 1, None, None),
        (IN_NEXT, -1, "v2", None),
        (State("resolved", NOW, ANY_RELEASE, None, None, 5), 1, "v0", REGRESSED),
        (State("resolved", NOW, ANY_RELEASE, None, None, 5), 1, None, None),
        (IGNORED, 1e9, "v2", None),
        (State("ignored", None, None, NOW + 60, None, 5), 59, None, None),
        (State("ignored", None, None, NOW + 60, None, 5), 60, None, AWAKE),
        (State("ignored", None, None, None, 5, 5), 1, None, None),
        (State("ignored", None, None, None, 5, 6), 1, None, AWAKE),
    ],
)
def test_an_event_opens_what_it_must(
    state: State, after: float, release: str | None, expected: str | None
) -> None:
    """Only what happened later, in a later release where that was asked for, opens an issue."""
    assert reopened_by(state, NOW + after, release, lambda one, other: one > other) == expected


@pytest.mark.parametrize(
    ("release", "other", "expected"),
    [
        ("v1.2.10", "v1.2.9", True),
        ("v1.2.9", "v1.2.10", False),
        ("tux@2.0.0", "tux@1.9.9", True),
        ("tux@1.0.0", "bot@0.9.0", None),
        ("1.0.0", "1.0", None),
        ("1.0.0-rc.1", "1.0.0", False),
        ("1.0.0", "1.0.0-rc.1", True),
        ("1.0.0-rc.10", "1.0.0-rc.9", True),
        ("1.0.0-alpha", "1.0.0-1", True),
        ("1.0.0+aaa", "1.0.0+bbb", None),
        ("abc1234", "def5678", None),
        ("tux@1.0", "nightly", None),
    ],
)
def test_releases_are_compared_by_version(
    release: str, other: str, *, expected: bool | None
) -> None:
    """Versions of one package are in order; whatever is not a version says nothing."""
    assert by_version(release, other) is expected


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A file that is written to."""
    store = Store(tmp_path / "station.db", lambda: NOW)
    store.open()
    yield store
    store.close()


async def write(store: Store, *rows: EventRow) -> None:
    await asyncio.gather(*(store.write(Batch(1, (row,))) for row in rows))


def status(store: Store) -> str:
    with store.read() as connection:
        return str(connection.execute("SELECT status FROM issues ORDER BY id").fetchone()[0])


def told(store: Store) -> list[str]:
    """Tell what happened to the issue, the latest first."""
    with store.read() as connection:
        return [f"{one.what} {one.detail}".strip() for one in history(connection, 1)]


async def test_a_regression_under_load_is_told_once(store: Store) -> None:
    """Of two hundred events at once one opens the issue, and its history has it once."""
    await write(store, event(0))
    await store.change(partial(decide, issues=[1], decision=Decision("resolved", "ada", NOW)))
    late = [event(number, timestamp=NOW - 5) for number in range(1, 50)]
    await write(store, *late)
    assert status(store) == "resolved"
    await write(store, *(event(number, timestamp=NOW + 5) for number in range(100, 300)))
    assert status(store) == "unresolved"
    assert told(store) == ["regressed in release 1", "resolved", "first seen in release 1"]


async def test_the_next_release_is_a_later_one(store: Store) -> None:
    """What is resolved in the next release stays so while old releases still run."""
    await write(store, event(0, release="v1.9.0"), event(1, release="v1.10.0", timestamp=NOW - 1))
    decision = Decision("resolved", "ada", NOW, in_next_release=True)
    await store.change(partial(decide, issues=[1], decision=decision))
    await write(store, event(2, release="v1.9.0", timestamp=NOW + 1))
    assert status(store) == "resolved"
    await write(store, event(3, release="v1.10.1", timestamp=NOW + 2))
    assert status(store) == "unresolved"
    assert told(store)[0] == "regressed in release v1.10.1"


async def test_releases_without_versions_are_in_the_order_they_came(store: Store) -> None:
    """A revision is later than another if it was first seen later."""
    await write(store, event(0, release="fff", timestamp=NOW - 9))
    decision = Decision("resolved", "", NOW, in_next_release=True)
    await store.change(partial(decide, issues=[1], decision=decision))
    await write(store, event(1, release="aaa", timestamp=NOW + 1))
    assert status(store) == "unresolved"


async def test_ignored_for_some_more_events(store: Store) -> None:
    """Exactly so many pass, whether they come together or not."""
    await write(store, event(0))
    decision = Decision("ignored", "ada", NOW, events=10)
    await store.change(partial(decide, issues=[1], decision=decision))
    await write(store, *(event(number) for number in range(1, 11)))
    assert status(store) == "ignored"
    await write(store, *(event(number) for number in range(11, 40)))
    assert status(store) == "unresolved"
    assert told(store)[:2] == ["no longer ignored after 12 events", "ignored for 10 more events"]


async def test_ignored_until_a_time(store: Store) -> None:
    """When the time has come the issue is open again, with an event or without."""
    for number in (1, 2):
        await write(store, event(number, grouping=f"v2:{number}"))
        decision = Decision("ignored", "ada", NOW, seconds=60)
        await store.change(partial(decide, issues=[number], decision=decision))
    await write(store, event(3, grouping="v2:1", timestamp=NOW + 59))
    assert status(store) == "ignored"
    await write(store, event(4, grouping="v2:1", timestamp=NOW + 60))
    assert status(store) == "unresolved"
    assert await store.change(partial(wake, now=NOW + 59)) == 0
    assert await store.change(partial(wake, now=NOW + 60)) == 1
    assert told(store)[0] == "no longer ignored its time is over"


async def test_ignored_for_ever(store: Store) -> None:
    """It is still counted, and silent; opening it is a person's affair."""
    await write(store, event(0))
    await store.change(partial(decide, issues=[1, 99], decision=Decision("ignored", "ada", NOW)))
    await write(store, *(event(number, timestamp=NOW + 1e6) for number in range(1, 5)))
    assert status(store) == "ignored"
    await store.change(partial(decide, issues=[1], decision=Decision("unresolved", "bob", NOW)))
    assert status(store) == "unresolved"
    with store.read() as connection:
        assert [one.who for one in history(connection, 1)] == ["bob", "ada", ""]


async def test_older_groups_stay(store: Store) -> None:
    """An event whose issue an older rule made goes there, and so does what comes after it."""
    await write(store, event(0, grouping="v1:old"))
    await write(store, event(1, grouping="v2:new", older=lambda: ["v1:other", "v1:old"]))
    await write(store, event(2, grouping="v2:new"))
    with store.read() as connection:
        rows = connection.execute("SELECT grouping, times_seen FROM issues").fetchall()
        assert [tuple(row) for row in rows] == [("v1:old", 3)]
        hashes = connection.execute("SELECT grouping, events FROM issue_hashes").fetchall()
        assert [tuple(row) for row in hashes] == [("v1:old", 1), ("v2:new", 2)]
