"""What the station keeps, in files: copies, exports, imports."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import StationUnderTest, envelope_of, station_at

from tux.shared.exceptions import TuxConfigurationError
from tux.station.store import exporting
from tux.station.store.backup import backup
from tux.station.store.exporting import export_lines, export_parquet
from tux.station.store.importing import Imported, import_file
from tux.station.store.portable import KINDS

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    "issues": (
        "title, culprit, grouping, times_seen, users, first_seen, last_seen, status, resolved, "
        "resolved_in, ignored_until, ignored_count, merged_into IS NULL"
    ),
    "issue_hashes": "grouping, events, (SELECT grouping FROM issues WHERE id = issue_id)",
    "command_runs": "timestamp, command, environment, duration, trace_id, status, error",
    "metric_hours": "name, kind, unit, hour, count, total, least, most",
    "events": "event_id, received, timestamp, level, user_id, release, handled, payload",
    "event_tags": "key, value",
    "transactions": "event_id, received, start, duration, name, op, status, trace_id, user_id",
    "spans": "span_id, op, description, status, start, duration, txn IS NULL AS waits",
    "sessions": "sid, started, release, exited, errored",
    "check_ins": "check_in_id, monitor_slug, status, duration",
    "logs": "timestamp, level, body, trace_id, attributes",
    "feedback": "feedback_id, message",
    "discards": "hour, origin, category, reason, quantity",
    "envelopes": "received, event_id, kinds, digest, encoding, body",
    "counts": "tier, period, count",
}


async def fill(station: StationUnderTest) -> str:
    """Send one of everything; gives the id of the event."""
    now = time.time()
    event_id = await station.send_event(
        message="hellö 🐧",
        timestamp=now - 3,
        user={"id": "7"},
        tags={"command": "ban"},
        release="1",
    )
    span = {"span_id": "a" * 16, "op": "db", "description": "SELECT 1"}
    await station.send_transaction(
        spans=[{**span, "start_timestamp": now - 0.2, "timestamp": now - 0.1}]
    )
    streamed = {
        "trace_id": "c" * 32,
        "name": "poll",
        "status": "ok",
        "start_timestamp": now - 1,
        "end_timestamp": now,
    }
    kind = {"type": "span", "content_type": "application/vnd.sentry.items.span.v2+json"}
    child = {"span_id": "d" * 16, "parent_span_id": "b" * 16, "is_segment": False}
    attributes = {"sentry.segment.id": {"value": "b" * 16, "type": "string"}}
    spans = [
        {**streamed, "span_id": "b" * 16, "is_segment": True},
        {**streamed, **child, "attributes": attributes},
    ]
    said = {"feedback": {"message": "it broke", "associated_event_id": event_id}}
    log = {"timestamp": now, "level": "info", "body": "ready"}
    metric = {"timestamp": now, "type": "counter", "name": "fish", "value": 2.5}
    run = {
        "timestamp": now,
        "type": "distribution",
        "name": "command.duration",
        "value": 2.5,
        "unit": "millisecond",
        "attributes": {"command": "ban", "result": "failure"},
    }
    loss = {"category": "error", "reason": "x", "quantity": 2}
    items: list[Any] = [
        (kind, {"version": 2, "items": spans}),
        ({"type": "feedback"}, {"contexts": said}),
        ({"type": "log"}, {"items": [log]}),
        ({"type": "trace_metric"}, {"items": [metric, run]}),
        ({"type": "session"}, {"sid": "e" * 32, "started": now, "status": "exited"}),
        ({"type": "client_report"}, {"discarded_events": [loss]}),
        (
            {"type": "check_in"},
            {"check_in_id": "f" * 32, "monitor_slug": "expire", "status": "ok", "duration": 1.5},
        ),
    ]
    for item in items:
        assert (await station.send(item)).status == 200
    return event_id


def content(station: StationUnderTest) -> dict[str, list[Any]]:
    return {
        table: sorted(
            (tuple(row.values()) for row in station.rows(f"SELECT {columns} FROM {table}")),
            key=repr,
        )
        for table, columns in TABLES.items()
    }


def exported(station: StationUnderTest, path: Path) -> list[dict[str, Any]]:
    with path.open("w") as out, station.station.store.read() as connection:
        export_lines(connection, list(KINDS), 0.0, out)
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_what_is_exported_can_be_imported(station: StationUnderTest, tmp_path: Path) -> None:
    """An export, imported twice into an empty station, is the same rows and the same counts."""
    await fill(station)
    lines = exported(station, tmp_path / "all.jsonl")
    assert {line["kind"] for line in lines} == set(KINDS)
    before = content(station)
    assert all(before.values())
    async with station_at(tmp_path / "other.db") as other:
        for taken, known in ((len(lines), 0), (0, len(lines))):
            found = await import_file(other.station.store, tmp_path / "all.jsonl", 1)
            assert found == Imported(taken, known)
            assert content(other) == before


async def test_what_was_decided_goes_along(station: StationUnderTest, tmp_path: Path) -> None:
    """States and merged issues are elsewhere as they are here, unless somebody decided there."""
    for text in ("a", "b", "c", "d", "e"):
        for _ in range(1 + (text == "a")):
            await station.send_event(message=f"{text * 9} broke", release="1")
    for path, fields in (
        ("act", {"act": "merge", "all": "1", "page_ids": "1,2,3"}),
        ("1/resolve", {}),
        ("4/ignore", {"events": "7"}),
        ("5/resolve-next", {}),
    ):
        answer = await station.press(f"/issues/{path}", "/issues/1/", None, **fields)
        assert answer.status == 303
    exported(station, tmp_path / "all.jsonl")
    tables = ("issues", "issue_hashes", "events")
    before = {table: content(station)[table] for table in tables}
    async with station_at(tmp_path / "other.db") as other:
        for _ in range(2):
            found = await import_file(other.station.store, tmp_path / "all.jsonl", 1)
            assert found.faults == ()
            assert {table: content(other)[table] for table in tables} == before
        assert (await other.press("/issues/4/unresolve")).status == 303
        await import_file(other.station.store, tmp_path / "all.jsonl", 1)
        assert other.value("SELECT status FROM issues WHERE id = 4") == "unresolved"
        assert other.value("SELECT count(*) FROM issue_activity WHERE who = 'an import'") == 7


async def test_an_event_is_exported_whole(station: StationUnderTest, tmp_path: Path) -> None:
    """A line of an event has what was sent as JSON, not as bytes."""
    event_id = await fill(station)
    (event,) = [row for row in exported(station, tmp_path / "x") if row["kind"] == "event"]
    assert event["event_id"] == event_id
    assert event["payload"]["user"] == {"id": "7"}
    assert ["command", "ban"] in event["tags"]


async def test_wrong_lines_are_told_and_the_others_taken(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """A line that is none costs itself only, and is named."""
    await fill(station)
    lines = exported(station, tmp_path / "all.jsonl")
    bad = [
        *('{"kind": "event"}', "not json", "[]", '{"kind": "spam", "project": 1}', "[" * 10_000),
        json.dumps({**next(row for row in lines if row["kind"] == "log"), "timestamp": "x"}),
        json.dumps(
            {**next(row for row in lines if row["kind"] == "event"), "payload": 1, "tags": 7}
        ),
        json.dumps({**next(row for row in lines if row["kind"] == "log"), "fish": 1}),
        '{"kind": "log", "project": "x"}',
    ]
    good = next(json.dumps(row) for row in lines if row["kind"] == "event")
    (tmp_path / "mixed.jsonl").write_text("\n".join([good, *bad]))
    async with station_at(tmp_path / "other.db") as other:
        found = await import_file(other.station.store, tmp_path / "mixed.jsonl", 1)
        assert found.taken == 1
        assert found.faults == (
            "line 2: no line of an export: it has no event_id, received, timestamp and 13 more",
            "line 3: no line of an export: it is no JSON object",
            "line 4: no line of an export: it is no JSON object",
            "line 5: no line of an export: its kind is none of " + ", ".join(KINDS),
            "line 6: no line of an export: it is no JSON object",
            "line 7: no line of an export: its timestamp is a text, and must be a number",
            "line 8: no line of an export: its payload is not as an export writes it",
            "line 9: no line of an export: it has what is unknown: fish",
            "line 10: no line of an export: its project is no whole number",
        )
        assert len(found.faults) == len(bad)
        assert other.value("SELECT count(*) FROM events") == 1
        assert other.value("SELECT count(*) FROM logs") == 0


async def test_a_file_that_only_nests_is_told(station: StationUnderTest, tmp_path: Path) -> None:
    """JSON deeper than Python reads is no envelope and no export."""
    (tmp_path / "deep").write_text('{"kind":' * 100_000)
    found = await import_file(station.station.store, tmp_path / "deep", 1)
    assert (found.taken, len(found.faults)) == (0, 1)


async def test_an_envelope_of_a_file_is_taken_with_its_time(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """A saved envelope counts for when it was sent; a broken one is told."""
    then = "2026-01-02T03:04:05Z"
    body = envelope_of(
        ({"type": "event"}, {"message": "old", "timestamp": then}),
        headers={"event_id": "a" * 32, "sent_at": then},
    )
    for name, text in (("good", body), ("bad", body[:-9]), ("empty", b"")):
        (tmp_path / name).write_bytes(text)
    store = station.station.store
    for result in (Imported(taken=1), Imported(known=1)):
        assert await import_file(store, tmp_path / "good", 1) == result
    for name in ("bad", "empty"):
        assert (await import_file(store, tmp_path / name, 1)).faults, name
    assert station.value("SELECT timestamp FROM events") == 1767323045.0
    with pytest.raises(TuxConfigurationError):
        await import_file(store, tmp_path / "nowhere", 1)


async def test_an_envelope_of_what_has_no_id_is_known_by_its_items(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """Metrics that came by themselves, and from a file, count once."""
    now = station.station.store.clock()
    metric = {"timestamp": now, "type": "counter", "name": "fish", "value": 2.5}
    items = ({"type": "trace_metric"}, {"items": [metric]})
    assert (await station.send(items)).status == 200
    (tmp_path / "one").write_bytes(envelope_of(items))
    found = await import_file(station.station.store, tmp_path / "one", 1)
    assert found == Imported(known=1)
    assert station.value("SELECT sum(count) FROM metric_hours") == 1


async def test_a_copy_is_made_while_the_station_writes(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """A backup is whole, of one moment, for its owner only, and never in place of a file."""
    await fill(station)
    before, target = content(station), tmp_path / "copies" / "copy.db"
    shares: list[float] = []
    writing = asyncio.create_task(_write_on(station))
    size = await asyncio.to_thread(backup, station.settings.path, target, shares.append)
    await writing
    assert shares[-1] == 1
    assert size == target.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM transactions").fetchone()[0] >= 2
    async with station_at(target) as again:
        assert content(again)["feedback"] == before["feedback"]
        assert (await again.get("/issues/1/")).status == 200
    with pytest.raises(TuxConfigurationError, match="there already"):
        backup(station.settings.path, target, shares.append)
    with pytest.raises(TuxConfigurationError, match="no station's file"):
        backup(tmp_path / "none.db", tmp_path / "x.db", shares.append)


def test_what_cannot_be_copied_is_named(tmp_path: Path) -> None:
    """Where the station's file is none, it is that which is told, not the copy."""
    source = tmp_path / "station.db"
    source.write_bytes(b"some notes of mine " * 100)
    with pytest.raises(TuxConfigurationError, match="STATION_PATH"):
        backup(source, tmp_path / "copy.db", lambda _: None)
    assert list(tmp_path.iterdir()) == [source]


async def _write_on(station: StationUnderTest) -> None:
    for _ in range(20):
        await station.send_event(message="meanwhile")


async def test_parquet_has_every_row(station: StationUnderTest, tmp_path: Path) -> None:
    """With the extra, each kind is a file that any tool of that world reads, in a folder of its owner."""
    parquet = pytest.importorskip("pyarrow.parquet")
    event_id = await fill(station)
    with station.station.store.read() as connection:
        count = export_parquet(connection, list(KINDS), 0.0, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    tables = {kind: parquet.read_table(tmp_path / "out" / f"{kind}.parquet") for kind in KINDS}
    assert count == sum(table.num_rows for table in tables.values())
    (event,) = tables["event"].to_pylist()
    assert event["event_id"] == event_id
    assert json.loads(event["payload"])["release"] == "1"
    assert tables["transaction"].schema.field("duration").type == "double"


async def test_without_the_extra_parquet_is_told(
    station: StationUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lacks the extra reads what to install."""
    monkeypatch.setattr(exporting, "pa", None)
    with (
        station.station.store.read() as connection,
        pytest.raises(TuxConfigurationError, match=r"tux\[parquet\]"),
    ):
        export_parquet(connection, ["event"], 0.0, tmp_path)
    out = io.StringIO()
    with station.station.store.read() as connection:
        assert export_lines(connection, ["event"], 0.0, out) == 0
