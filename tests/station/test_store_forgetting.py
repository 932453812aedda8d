"""One user is removed from the station's file, whole, and nobody else."""

from __future__ import annotations

import json
import sqlite3
import uuid
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tux.shared.exceptions import TuxConfigurationError
from tux.station.rollups.cascade import fold
from tux.station.store import Store, forgetting
from tux.station.store.forgetting import Forgotten, forget
from tux.station.store.mentions import FORGOTTEN, Mentions

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

USER = "814023571192053760"
OTHER = "814023571192053761"


def holds(path: Path, text: str) -> bool:
    """Look for a text in the bytes of the file and its log."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return any(text.encode() in file.read_bytes() for file in files if file.exists())


def failure(user: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "user": {"id": user},
        "exception": {"values": [{"type": "KeyError", "value": value}]},
        "tags": {"command": "rank"},
        **more,
    }


async def send_log(station: StationUnderTest, user: str, body: str, **more: Any) -> None:
    log = {
        "timestamp": station.station.store.clock(),
        "level": "info",
        "body": body,
        "trace_id": uuid.uuid4().hex,
        "attributes": {"user.id": {"value": user, "type": "string"}},
        **more,
    }
    answer = await station.send(({"type": "log", "item_count": 1}, {"items": [log]}))
    assert answer.status == 200


async def send_feedback(station: StationUnderTest, user: str, message: str) -> None:
    event = {
        "event_id": uuid.uuid4().hex,
        "user": {"id": user},
        "contexts": {"feedback": {"message": message}},
    }
    answer = await station.send(({"type": "feedback"}, event))
    assert answer.status == 200


async def fill(station: StationUnderTest) -> None:
    """Send something of everything, of the user, of another, and of another about the user."""
    for user in (USER, OTHER):
        for number in range(20):
            await station.send_event(**failure(user, f"of {user}, {number}"))
        await station.send_event(**failure(user, "alone", fingerprint=[f"only {user[-1]}"]))
        await station.send_transaction(user={"id": user})
        await send_log(station, user, "the bot is here")
        await send_feedback(station, user, "it broke")
    await station.send_event(
        **failure(OTHER, f"<@{USER}> has no fish", extra={"target": int(USER), "n": [1, True]})
    )
    await station.send_transaction(user={"id": OTHER}, tags={"target": USER})
    await send_log(station, OTHER, f"{OTHER} looked at {USER}")
    await send_feedback(station, OTHER, f"<@{USER}> did it")


async def test_nothing_of_the_user_is_left(station: StationUnderTest) -> None:
    """Rows, counts of users, raw envelopes and every byte of the id go, while the station runs."""
    await fill(station)
    path = station.settings.path
    counted = forget(path, [USER], dry_run=True)
    assert holds(path, USER)
    assert station.value("SELECT count(*) FROM events WHERE user_id = ?", USER) == 21
    done = forget(path, [USER])
    assert done.is_clean
    assert not holds(path, USER)
    assert (counted.removed, counted.rewritten, counted.is_clean) == (done.removed, {}, None)
    assert done.removed.pop("hit_minutes") + done.removed.pop("user_hits") > 0
    assert {name: count for name, count in done.removed.items() if count} == {
        "events": 21, "transactions": 1, "logs": 1, "feedback": 1, "issues": 1, "envelopes": 28,
        "issue_users": 2, "series_users": 2, "affected": 1,
    }  # fmt: skip
    blobs = [
        zlib.decompress(row["payload"])
        for table in ("events", "transactions")
        for row in station.rows(f"SELECT payload FROM {table}")
    ]
    assert len(blobs) == 22 + 2
    assert not any(USER.encode() in blob for blob in blobs)
    assert not any(
        USER in json.dumps(row, default=repr)
        for table in ("events", "event_tags", "issues", "logs", "feedback", "envelopes")
        for row in station.rows(f"SELECT * FROM {table}")
    )
    assert (await station.get("/")).status == 200


async def test_counts_that_move_meanwhile_go_too(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A station that adds minutes to half hours between two tables brings nothing back."""
    await station.send_event(**failure(USER, "of the user"))
    path, remove = station.settings.path, forgetting._Forgetting._remove_of_user

    def remove_and_fold(self: Any, table: str, columns: Any) -> None:
        remove(self, table, columns)
        if table != "user_hits":
            return
        with closing(sqlite3.connect(path)) as connection, connection:
            fold(connection, station.station.store.clock() + 3600)

    monkeypatch.setattr(forgetting._Forgetting, "_remove_of_user", remove_and_fold)
    assert forget(path, [USER]).is_clean
    assert not station.rows("SELECT * FROM user_hits")


async def test_the_others_stay(station: StationUnderTest) -> None:
    """Another's rows stay, and only the id of the forgotten is replaced in them."""
    await fill(station)
    await send_log(station, OTHER, f"a longer number: 9{USER}")
    done = forget(station.settings.path, [USER])
    assert {name: count for name, count in done.rewritten.items() if count} == {
        "events": 2, "transactions": 1, "logs": 1, "feedback": 1, "issues": 1,
        "issue_hashes": 2,
        "series": 1,
    }  # fmt: skip
    assert station.value("SELECT count(*) FROM events WHERE user_id = ?", OTHER) == 22
    (event,) = station.rows("SELECT payload FROM events WHERE title LIKE '%has no fish'")
    payload = json.loads(zlib.decompress(event["payload"]))
    assert payload["extra"] == {"target": FORGOTTEN, "n": [1, True]}
    assert payload["exception"]["values"][0]["value"] == f"<@{FORGOTTEN}> has no fish"
    bodies = {row["body"] for row in station.rows("SELECT body FROM logs")}
    assert bodies == {
        "the bot is here", f"{OTHER} looked at {FORGOTTEN}", f"a longer number: 9{USER}",
    }  # fmt: skip
    issues = {row["title"]: row["users"] for row in station.rows("SELECT title, users FROM issues")}
    assert set(issues.values()) == {1}
    found = await station.get("/logs?query=looked")
    assert OTHER in found.body.decode()


async def test_what_is_counted_of_two_stays(station: StationUnderTest) -> None:
    """Of a tag that had two users' ids both counts are there once both are forgotten."""
    for user in (USER, OTHER):
        await station.send_transaction(tags={"target": user})
        assert forget(station.settings.path, [user]).is_clean
    found = station.rows(
        "SELECT op, runs FROM sum_minutes LEFT JOIN series ON series.id = series_id "
        "WHERE kind IS NULL OR name = 'target' ORDER BY series_id"
    )
    assert [one["runs"] for one in found] == [1, 1]
    assert found[0]["op"] == FORGOTTEN
    assert found[1]["op"].startswith(f"{FORGOTTEN} ")


async def test_log_lines_without_a_trace_are_no_hindrance(
    station: StationUnderTest,
) -> None:
    """A line of another SDK's, which is of no trace, stays, and the user goes all the same."""
    line = {"timestamp": station.station.store.clock(), "level": "info", "body": f"to {USER}"}
    answer = await station.send(({"type": "log", "item_count": 1}, {"items": [line]}))
    assert answer.status == 200
    await station.send_event(**failure(USER, "of the user"))
    done = forget(station.settings.path, [USER])
    assert done.is_clean
    assert done.removed["events"] == 1
    assert done.rewritten["logs"] == 1


async def test_search_finds_nothing_of_it(station: StationUnderTest) -> None:
    """Logs that went are no longer found by their text."""
    await send_log(station, USER, "an uncommon walrus")
    await send_log(station, OTHER, f"another walrus of {USER}")
    forget(station.settings.path, [USER])
    pages = {
        text: (await station.get(f"/logs?query={text}")).body.decode()
        for text in ("uncommon", "another", USER)
    }
    assert ["walrus of" in page for page in pages.values()] == [False, True, False]
    rowids = "SELECT count(*) FROM logs_text WHERE logs_text MATCH 'wal'"
    assert station.value(rowids) == 1


async def test_what_others_met_long_ago_stays(station: StationUnderTest) -> None:
    """An issue that others met stays, although their events are too old to be kept."""
    for user in (USER, OTHER):
        await station.send_event(**failure(user, "one", fingerprint=["one"]))
    with closing(sqlite3.connect(station.settings.path)) as connection, connection:
        connection.execute("DELETE FROM events WHERE user_id = ?", (OTHER,))
    assert forget(station.settings.path, [USER]).removed["issues"] == 0
    assert [row["users"] for row in station.rows("SELECT users FROM issues")] == [1]


async def test_lines_of_no_trace(station: StationUnderTest) -> None:
    """A line of a log that belongs to no trace is rewritten like others."""
    await send_log(station, OTHER, f"waits for {USER}", trace_id=None)
    assert forget(station.settings.path, [USER]).is_clean
    (row,) = station.rows("SELECT body, trace_id FROM logs")
    assert (row["body"], row["trace_id"]) == (f"waits for {FORGOTTEN}", None)


async def test_merged_issues_stay(station: StationUnderTest) -> None:
    """An issue that others were merged into stays, for that can be taken back."""
    for number, user in enumerate((USER, OTHER)):
        await station.send_event(**failure(user, "one", fingerprint=[f"group {number}"]))
    with closing(sqlite3.connect(station.settings.path)) as connection, connection:
        connection.execute("UPDATE issues SET merged_into = 1 WHERE id = 2")
    assert forget(station.settings.path, [USER]).removed["issues"] == 0
    assert station.value("SELECT count(*) FROM events") == 1


async def test_what_comes_later_is_taken(station: StationUnderTest) -> None:
    """The running station goes on, and what the user does from then on is counted from one."""
    await fill(station)
    forget(station.settings.path, [USER])
    await station.send_event(**failure(USER, "again", fingerprint=["again"]))
    assert station.value("SELECT users FROM issues WHERE title LIKE '%again'") == 1
    assert station.value("SELECT count(*) FROM affected WHERE user_id = ?", USER) == 1


def test_a_hash_and_an_id_are_one_user(tmp_path: Path) -> None:
    """All names of a user are looked for, in a file that nobody serves; short ones as ids only."""
    path = tmp_path / "station.db"
    store = Store(path)
    store.open()
    store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO affected (user_id, latest) VALUES (?, 0)",
            [("hash-of-it",), ("7",), ("17",)],
        )
    done = forget(path, ["7", "hash-of-it"])
    assert done == Forgotten(
        {**done.removed, "affected": 2}, done.rewritten, is_clean=True, is_short=False
    )
    assert forget(path, ["42"]).is_short
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT user_id FROM affected").fetchall() == [("17",)]


def test_pages_that_were_freed_before_are_wiped(tmp_path: Path) -> None:
    """What an earlier removal left in free pages goes with the rest."""
    path = tmp_path / "station.db"
    store = Store(path)
    store.open()
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        with connection:
            connection.executemany(
                "INSERT INTO logs (project_id, timestamp, level, body, attributes) "
                "VALUES (1, 0, 'info', ?, '{}')",
                [(f"{USER} was here {number}",) for number in range(500)],
            )
            connection.execute("DELETE FROM logs")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert holds(path, USER)
    assert forget(path, [USER]).is_clean
    assert not holds(path, USER)


def test_no_file_is_said(tmp_path: Path) -> None:
    """A file that is not there, or is none, is one clear error."""
    with pytest.raises(TuxConfigurationError, match="is not there"):
        forget(tmp_path / "station.db", [USER])
    (tmp_path / "text").write_text("no database, but long enough to look like one" * 50)
    with pytest.raises(TuxConfigurationError, match="cannot be changed"):
        forget(tmp_path / "text", [USER])


def test_a_broken_document_is_emptied() -> None:
    """A document that cannot be read and names the user is emptied."""
    mentions = Mentions([USER])
    broken = zlib.compress(f'{{"user": {USER}'.encode())
    assert mentions.in_payload(broken)
    assert json.loads(zlib.decompress(mentions.payload_without(broken))) == {}
    assert mentions.in_body("br", f"not brotli: {USER}".encode())
    assert not mentions.in_body("", b"nothing")
