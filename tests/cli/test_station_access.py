"""``tux station password``, ``keys``, ``projects`` and ``tokens`` beside a station that runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest
from typer.testing import CliRunner

from tux.cli.root import app
from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import StationSettings
from tux.station.server import serving
from tux.station.store.locking import address_of

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "correct horse battery"


def tux(path: Path, *words: str, given: str = "") -> str:
    """Run a command of the station's, in a thread of its own loop; gives what it says."""
    done = CliRunner().invoke(
        app, ["station", "--path", str(path), *words], input=given, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.output.strip()


async def status(http: aiohttp.ClientSession, url: str, **options: dict[str, str]) -> int:
    async with http.get(url, allow_redirects=False, **options) as answer:  # type: ignore[arg-type]  # options are the test's
        return answer.status


async def test_what_is_set_holds_for_a_station_that_runs(tmp_path: Path) -> None:
    """Password, token and key are set in another process's way, and hold at once."""
    path = tmp_path / "station.db"
    settings = StationSettings(port=0, path=path)
    async with serving(settings) as station, aiohttp.ClientSession() as http:

        async def run(*words: str, given: str = "") -> str:
            return await asyncio.to_thread(tux, path, *words, given=given)

        page = f"{station.url}/data/counts"
        assert await status(http, page) == 200
        assert await run("password", given=PASSWORD + "\n") == "The password is set."
        assert await status(http, page) == 401
        token = await run("tokens", "create", "script")
        shown = {"Authorization": f"Bearer {token}"}
        assert await status(http, page, headers=shown) == 200
        assert "script" in await run("tokens", "list")
        assert token not in await run("tokens", "list")
        await run("tokens", "revoke", "1")
        assert await status(http, page, headers=shown) == 401
        await run("password", "--remove")
        assert await status(http, page) == 200


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    """A DSN is printed as SDKs want it, listed with its state, and revoked by itself."""
    path = tmp_path / "station.db"
    shop = tux(path, "projects", "create", "shop")
    assert shop.startswith("http://")
    assert shop.endswith("@127.0.0.1:8765/2")
    again = CliRunner().invoke(app, ["station", "--path", str(path), "projects", "create", "shop"])
    assert (again.exit_code, "there is one of this name, number 2" in again.stderr) == (2, True)
    assert tux(path, "projects", "list").count("shop") == 1
    second = tux(path, "keys", "create", "second", "--project", "2", "--per-minute", "600")
    listed = tux(path, "keys", "list")
    assert shop in listed
    assert second in listed
    assert "600" in listed
    tux(path, "keys", "revoke", second)
    assert "revoked" in tux(path, "keys", "list")


@pytest.mark.parametrize("kind", ["projects", "keys", "tokens"])
@pytest.mark.parametrize(
    "name", ["", "  ", "a\nb", "x" * 65], ids=["empty", "blank", "lines", "long"]
)
def test_what_is_listed_needs_a_name(tmp_path: Path, name: str, kind: str) -> None:
    """A name or label that nobody could read is refused, with what it may be, and nothing is made."""
    path = tmp_path / "station.db"
    done = CliRunner().invoke(app, ["station", "--path", str(path), kind, "create", name])
    assert (done.exit_code, "1 to 64 characters" in done.stderr) == (2, True)
    assert not path.exists()
    tux(path, kind, "create", "x" * 64)


def test_a_password_that_is_too_short_is_refused(tmp_path: Path) -> None:
    """A short password is told, and nothing is set."""
    with pytest.raises(TuxConfigurationError, match="at least 10 characters"):
        tux(tmp_path / "station.db", "password", given="short\n")


async def test_dsns_name_the_station_that_runs(tmp_path: Path) -> None:
    """Keys are printed with the port of the station that has the file; with the settings' after it."""
    path = tmp_path / "station.db"
    async with serving(StationSettings(port=0, path=path)) as station:
        place = station.url.removeprefix("http://")
        for words in (("keys", "create", "x"), ("keys", "list"), ("projects", "create", "shop")):
            assert f"@{place}/" in await asyncio.to_thread(tux, path, *words), words
    assert f"@{place}/" not in await asyncio.to_thread(tux, path, "keys", "list")
    lock = path.with_name(f"{path.name}.lock")
    assert lock.read_text() == ""


def test_a_station_that_was_killed_is_nowhere(tmp_path: Path) -> None:
    """What a process left behind, or what is no address at all, is not believed."""
    path = tmp_path / "station.db"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for left in (f"{child.pid}\nhttp://127.0.0.1:1\n", "", "x\ny\n", f"{os.getpid()}\n"):
        path.with_name(f"{path.name}.lock").write_text(left)
        assert address_of(path) is None
    path.with_name(f"{path.name}.lock").write_text(f"{os.getpid()}\nhttp://127.0.0.1:1\n")
    assert address_of(path) == "http://127.0.0.1:1"
