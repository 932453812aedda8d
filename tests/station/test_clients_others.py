"""Clients that are not ours, and of other languages, deliver into the station.

Asserted on what is stored: they say that all went well also where nothing was kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

HERE = Path(__file__).parent / "clients"
pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("npm") is None, reason="Node.js is not installed"),
]


@pytest.fixture(scope="session")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pinned clients, from the registry that npm is set to."""
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    command = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
    asyncio.run(run(folder, *command))
    return folder


async def run(
    folder: Path, *command: str, code: int = 0, variables: dict[str, str] | None = None
) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **(variables or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == code, said.decode()
    return said.decode()


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


@pytest.mark.parametrize("lifecycle", ["", "static"])
async def test_node_delivers_everything(
    station: StationUnderTest, clients: Path, lifecycle: str
) -> None:
    """Keys in the query, no content type, no lengths, chunks: all kinds are there, streamed or not."""
    await run(
        clients,
        "node",
        "everything.cjs",
        variables={"SENTRY_DSN": station.dsn, "LIFECYCLE": lifecycle},
    )
    titles = {row["title"][:20] for row in station.rows("SELECT title FROM issues")}
    assert titles == {"TypeError: no xp", "Error: " + "x" * 13}
    (event,) = station.rows("SELECT * FROM events WHERE title LIKE 'TypeError%'")
    assert (event["user_id"], event["release"]) == ("42", "tux@2.0.0")
    (found,) = station.rows("SELECT * FROM transactions WHERE name = 'rank'")
    assert (found["op"], found["status"]) == ("command.slash", "ok")
    assert event["trace_id"] == found["trace_id"]
    assert event["span_id"] is not None
    (span,) = station.rows("SELECT * FROM spans WHERE description = 'SELECT 1'")
    assert (span["op"], span["txn"]) == ("db", found["id"])
    (log,) = station.rows("SELECT * FROM logs")
    assert (log["level"], log["body"]) == ("warn", "slow query")
    (metric,) = station.rows("SELECT * FROM metric_hours WHERE name = 'errors.handled'")
    assert (metric["kind"], metric["total"]) == ("counter", 3)
    (check_in,) = station.rows("SELECT * FROM check_ins")
    assert (check_in["monitor_slug"], check_in["status"]) == ("expire", "ok")
    assert station.value("SELECT sum(exited + errored) FROM sessions") >= 1
    assert station.rows("SELECT * FROM discards WHERE origin = 'station'") == []
    # A segment counts as a transaction does.
    counts = (await station.get("/api/v1/overview?range=1h")).json["commands"]
    assert [(one["name"], one["count"]) for one in counts] == [("rank", 1)]


async def test_sentry_cli_delivers(
    station: StationUnderTest, clients: Path, tmp_path: Path
) -> None:
    """send-event, send-envelope, and a monitored job that ends well and one that does not."""
    program = str(clients / "node_modules" / ".bin" / "sentry-cli")
    dsn = {"SENTRY_DSN": station.dsn}
    sent = ("send-event", "--no-environ", "-m", "hello", "-r", "tux@2.0.0", "-t", "command:ban")
    await run(clients, program, *sent, variables=dsn)
    (event,) = station.rows("SELECT * FROM events")
    assert (event["title"], event["release"]) == ("hello", "tux@2.0.0")
    assert len(event["event_id"]) == 32
    tags = station.rows("SELECT key, value FROM event_tags")
    assert {"key": "command", "value": "ban"} in tags
    now = event["timestamp"]
    trace = {"trace_id": "a" * 32, "span_id": "b" * 16, "op": "command"}
    run_of = {
        "event_id": "c" * 32,
        "type": "transaction",
        "transaction": "ban",
        "start_timestamp": _written(now - 1),
        "timestamp": _written(now),
        "contexts": {"trace": trace},
        "spans": [],
    }
    lines = [{"event_id": "c" * 32}, {"type": "transaction"}, run_of]
    for name, options in (("typed", ()), ("raw", ("--raw",))):
        file = tmp_path / name
        file.write_text("\n".join(json.dumps(line) for line in lines))
        await run(clients, program, "send-envelope", *options, str(file), variables=dsn)
    assert station.value("SELECT count(*) FROM transactions WHERE name = 'ban'") == 1
    for slug, code in (("good", 0), ("bad", 3)):
        job = (sys.executable, "-c", f"raise SystemExit({code})")
        await run(clients, program, "monitors", "run", slug, "--", *job, code=code, variables=dsn)
    states = station.rows("SELECT monitor_slug, status, duration FROM check_ins ORDER BY 1 DESC")
    assert [(row["monitor_slug"], row["status"]) for row in states] == [
        ("good", "ok"),
        ("bad", "error"),
    ]
    assert all(row["duration"] > 0 for row in states)
    assert station.rows("SELECT * FROM discards WHERE origin = 'station'") == []
