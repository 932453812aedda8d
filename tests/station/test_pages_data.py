"""The JSON routes."""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import TYPE_CHECKING

import pytest

from tux.station.pages.data import TransactionTags

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest


async def test_everything_is_counted(station: StationUnderTest) -> None:
    """The counts are those of the tables."""
    await station.send_event(message="a")
    await station.send_event(message="a")
    await station.send_transaction()
    assert (await station.get("/data/counts")).json == {
        "events": 2,
        "issues": 1,
        "transactions": 1,
        "check_ins": 0,
        "logs": 0,
        "sessions": 0,
        "command_runs": 0,
    }


async def test_events_have_their_facts(station: StationUnderTest) -> None:
    """A row has what a script asks for, the newest first."""
    now = station.station.store.clock()
    await station.send_event(message="old", timestamp=now - 60)
    event_id = await station.send_event(
        message="new",
        timestamp=now - 5,
        level="warning",
        transaction="rank",
        tags={"cog": "Levels"},
        user={"id": 7},
        release="r",
        environment="e",
        contexts={"trace": {"trace_id": "a" * 32}},
    )
    new, old = (await station.get("/data/events")).json
    assert new == {
        "event_id": event_id,
        "issue_id": 2,
        "timestamp": pytest.approx(now - 5),
        "level": "warning",
        "title": "new",
        "transaction": "rank",
        "trace_id": "a" * 32,
        "user_id": "7",
        "release": "r",
        "environment": "e",
        "tags": {"cog": "Levels"},
    }
    assert (old["title"], old["tags"]) == ("old", {})
    assert [row["title"] for row in (await station.get(f"/data/events?since={now - 30}")).json] == [
        "new"
    ]
    assert [row["title"] for row in (await station.get("/data/events?limit=1")).json] == ["new"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"cog": "Levels"}, {"cog": "Levels"}),
        ([["cog", "Levels"], ["n", 3]], {"cog": "Levels", "n": "3"}),
        (None, {}),
        ("text", {}),
        ([3, None, ["one"], [[], {}]], {}),
    ],
)
async def test_transactions_have_their_tags(
    station: StationUnderTest, given: object, expected: dict[str, str]
) -> None:
    """Tags come as an object or as pairs, and what is neither is left out; twice asked, twice told."""
    event_id = await station.send_transaction(
        tags=given, user={"id": 7}, release="r", environment="e"
    )
    for _ in range(2):
        (row,) = (await station.get("/data/transactions")).json
        assert row.pop("trace_id")
        assert row.pop("start")
        assert row == {
            "event_id": event_id,
            "name": "ban",
            "op": "command",
            "status": "unknown",
            "duration": pytest.approx(250, abs=1),
            "user_id": "7",
            "release": "r",
            "environment": "e",
            "tags": expected,
        }


@pytest.mark.parametrize(
    "query",
    [
        *(
            "since=x",
            "since=nan",
            "since=inf",
            "since=",
            "limit=0",
            "limit=-1",
            "limit=1.5",
            "limit=x",
        ),
        *("limit=100001", f"limit={'9' * 5000}"),
    ],
)
@pytest.mark.parametrize("kind", ["events", "transactions"])
async def test_bad_bounds_are_told(station: StationUnderTest, kind: str, query: str) -> None:
    """Who asks wrongly is told how to ask."""
    answer = await station.get(f"/data/{kind}?{query}")
    assert answer.status == 400
    assert "limit a number from 1 to 100000" in answer.json["detail"]


def test_remembered_tags_have_a_bound() -> None:
    """What was not asked for lately is forgotten; it is read again when it is asked for."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE transactions (id INTEGER PRIMARY KEY, payload BLOB)")
    for number in range(100):
        payload = zlib.compress(json.dumps({"tags": {"n": str(number)}}).encode())
        connection.execute("INSERT INTO transactions VALUES (?, ?)", (number, payload))
    tags = TransactionTags(capacity=550)
    for _ in range(2):
        found = tags.of(connection, list(range(100)))
        assert found == {number: {"n": str(number)} for number in range(100)}
    assert len(tags._known) <= 10
    connection.close()
