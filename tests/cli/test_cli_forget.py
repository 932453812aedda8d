"""`tux station forget` beside a station that runs in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr
from tests.cli.conftest import environment

from tux.cli.forgetting import names_of
from tux.shared.privacy import PrivacySettings
from tux.shared.pseudonyms import pseudonym_of
from tux.supervisor import station_child

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

    from tests.cli.conftest import Tux

from urllib.parse import urlsplit

USER = "814023571192053760"
KEY = "of the hashes"


async def send(dsn: SplitResult, user: str, server: str = "") -> None:
    """Send one failure of a user."""
    event = {
        "event_id": uuid.uuid4().hex,
        "user": {"id": user},
        "exception": {"values": [{"type": "KeyError", "value": f"of {user}"}]},
        "server_name": server,
    }
    body = "\n".join(json.dumps(line) for line in ({}, {"type": "event"}, event))
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"http://{dsn.hostname}:{dsn.port}/api{dsn.path}/envelope/",
            content=body,
            headers={"X-Sentry-Auth": f"Sentry sentry_key={dsn.username}, sentry_version=7"},
        )
    assert answer.status_code == 200, answer.text


async def test_a_user_is_forgotten_while_the_station_runs(tux: Tux, tmp_path: Path) -> None:
    """It counts, asks, removes, and says what it removed; a second time there is nothing."""
    path = tmp_path / "station.db"
    station = station_child(0, environment(STATION_PATH=str(path)), tmp_path)
    announced = await station.start()
    try:
        dsn = urlsplit(str(announced["dsn"]))
        for user in (USER, pseudonym_of(USER, KEY.encode()), "814023571192053761"):
            await send(dsn, user)
        command = ("station", "forget", USER, "--path", str(path))
        counted = await asyncio.to_thread(tux, *command, "--dry-run", PRIVACY_KEY=KEY)
        asked = await asyncio.to_thread(tux, *command)
        done = await asyncio.to_thread(tux, *command, "--yes", "--json", PRIVACY_KEY=KEY)
        again = await asyncio.to_thread(tux, *command, "--yes", PRIVACY_KEY=KEY)
        unknown = await asyncio.to_thread(tux, *command)
        async with httpx.AsyncClient(base_url=str(announced["url"]), trust_env=False) as client:
            events = (await client.get("/data/events")).json()
        files = [path, tmp_path / "station.db-wal"]
        assert not any(USER.encode() in file.read_bytes() for file in files)
        await send(dsn, "814023571192053761", f"without {USER}")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM envelopes")  # as they are after some days
        named = await asyncio.to_thread(tux, *command)
    finally:
        await station.stop()
    assert counted.returncode == 0, counted.stderr
    assert "events" in counted.stdout
    assert asked.returncode == 1
    assert "Remove this for good" in asked.stdout
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["is_clean"]
    assert (said["removed"]["events"], said["removed"]["issues"]) == (2, 1)
    assert "nothing is kept of this user" in again.stdout
    assert "no byte of the file holds the id" in again.stdout
    assert (unknown.returncode, unknown.stdout) == (0, "nothing is kept of this user\n")
    assert named.returncode == 1
    assert ["events", "0", "1"] in [line.split() for line in named.stdout.splitlines()]
    assert "Remove this for good" in named.stdout
    assert [row["user_id"] for row in events] == ["814023571192053761"]


def test_an_id_stands_for_its_hash(tmp_path: Path) -> None:
    """With a key the hash is found by the id, in the settings or in the file that keeps it."""
    (tmp_path / "key").write_bytes(b"a key\n")
    kept = PrivacySettings(key_path=tmp_path / "key")
    given = PrivacySettings(key=SecretStr("a key"), key_path=tmp_path / "none")
    expected = (USER, pseudonym_of(USER, b"a key"))
    assert names_of(USER, kept) == names_of(USER, given) == expected
    assert names_of(USER, PrivacySettings(key_path=tmp_path / "none")) == (USER,)


def test_a_file_that_is_not_there_is_said(tux: Tux) -> None:
    """Without a file it ends with one line that names the setting."""
    done = tux("station", "forget", USER)
    assert done.returncode == 2
    assert "STATION_PATH" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_id_is_nobodys(tux: Tux) -> None:
    """A variable that is not set in somebody's script does not forget whoever has no id."""
    done = tux("station", "forget", "", "--yes")
    assert done.returncode == 2
    assert "an empty id is nobody's" in done.stderr
