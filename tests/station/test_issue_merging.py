"""Several issues become one, and several again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.test_queries_lists import keep
from tests.station.test_store_writes import NOW, event

from tux.station.queries.events import hashes
from tux.station.store.merging import merge, settle, unmerge
from tux.station.store.schema import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """Three issues with 700, 3 and 2 events, of several hours and users."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        prepare(connection, NOW)
        for issue, count in enumerate((700, 3, 2), 1):
            keep(
                connection,
                *(
                    event(
                        issue * 1000 + number,
                        grouping=f"v2:{issue}",
                        title=f"Issue {issue}",
                        timestamp=NOW - number * 600 - issue,
                        user_id=f"user {number % (issue + 1)}",
                        tags=(("command", f"c{issue}"), ("shared", "x")),
                    )
                    for number in range(count)
                ),
            )
        yield connection


def finish(file: sqlite3.Connection) -> int:
    steps = 0
    while settle(file):
        steps += 1
    return steps


def state(file: sqlite3.Connection) -> dict[str, Any]:
    """Tell everything that is counted of issues, whoever they are."""
    queries = {
        "issues": "SELECT id, times_seen, users, first_seen, last_seen, status, first_release, "
        "(SELECT count(*) FROM events WHERE issue_id = issues.id) FROM issues",
        "hours": "SELECT * FROM issue_hours WHERE events > 0",
        "users": "SELECT * FROM issue_users",
        "tags": "SELECT * FROM issue_tags",
    }
    return {name: [tuple(row) for row in file.execute(query)] for name, query in queries.items()}


def test_merging_adds_up(file: sqlite3.Connection) -> None:
    """Counts are those of all together at once; events follow in steps; users count once."""
    assert merge(file, [2, 1, 3], "ada", NOW) == 1
    at_once = state(file)["issues"]
    assert [row[1:3] for row in at_once] == [(705, 3), (3, 0), (2, 0)]
    assert finish(file) > 2
    after = state(file)
    assert [(row[5], row[7]) for row in after["issues"]] == [
        ("unresolved", 705),
        ("merged", 0),
        ("merged", 0),
    ]
    assert sum(row[2] for row in after["hours"]) == 705
    assert dict(row[1:3] for row in after["tags"] if row[1] == "shared") == {"shared": "x"}
    assert {row[2]: row[3] for row in after["tags"] if row[1] in {"command", "shared"}} == {
        "c1": 700,
        "c2": 3,
        "c3": 2,
        "x": 705,
    }


def test_what_comes_afterwards_is_of_the_merged_issue(file: sqlite3.Connection) -> None:
    """An event of a merged group is counted where it went, while events are still on their way."""
    merge(file, [1, 2], "ada", NOW)
    keep(file, event(9001, grouping="v2:2", timestamp=NOW + 5))
    assert [row[1] for row in state(file)["issues"]] == [704, 3, 2]
    finish(file)
    assert [row[7] for row in state(file)["issues"]] == [704, 0, 2]


def test_unmerging_gives_back_what_was(file: sqlite3.Connection) -> None:
    """Merged and taken apart, issues have their numbers, counts, hours, users and tags again."""
    before = state(file)
    merge(file, [1, 2, 3], "ada", NOW)
    finish(file)
    wanted = [one.id for one in hashes(file, 1) if not one.is_first]
    assert sorted(unmerge(file, 1, wanted, "bob", NOW)) == [2, 3]
    finish(file)
    assert state(file) == before


def test_one_group_stays(file: sqlite3.Connection) -> None:
    """The group that an issue began with cannot be taken out."""
    merge(file, [1, 2], "ada", NOW)
    finish(file)
    assert unmerge(file, 1, [one.id for one in hashes(file, 1)], "ada", NOW) == [2]
    finish(file)
    assert [one.title for one in hashes(file, 1)] == ["Issue 1"]


def test_merges_go_on_from_each_other(file: sqlite3.Connection) -> None:
    """An issue that others went into can go into a third; all addresses lead there."""
    assert merge(file, [2, 3], "ada", NOW) == 2
    assert merge(file, [1, 2], "ada", NOW) is None  # its events are still on their way
    finish(file)
    assert merge(file, [1, 2], "ada", NOW) == 1
    finish(file)
    rows = file.execute("SELECT id, merged_into FROM issues ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [(1, None), (2, 1), (3, 1)]
    assert len(hashes(file, 1)) == 3


@pytest.mark.parametrize("issues", [[], [1], [1, 1], [1, 99]])
def test_one_issue_is_merged_already(file: sqlite3.Connection, issues: list[int]) -> None:
    """Fewer than two are left alone."""
    before = state(file)
    assert merge(file, issues, "ada", NOW) is None
    assert state(file) == before


def test_a_group_whose_issue_is_gone_begins_another(file: sqlite3.Connection) -> None:
    """What was merged into is removed with what was merged; a later event makes an issue anew."""
    merge(file, [1, 2], "ada", NOW)
    finish(file)
    file.execute("DELETE FROM issues WHERE id = 1")
    keep(file, event(9001, grouping="v2:2", title="Again"))
    found = file.execute("SELECT title, times_seen, status FROM issues ORDER BY id DESC")
    assert tuple(found.fetchone()) == ("Again", 1, "unresolved")
