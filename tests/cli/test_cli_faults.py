"""What the command line says to bad input: one line, what to do, no traceback, no secret."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import environment
from tests.faults.disks import Disk

from tux.cli.shared import AWAY, FAULT
from tux.simulator import LocalDiscord
from tux.station.store.locking import alone

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Tux

SECRET = "hunter2-0123456789abcdef"
TOKEN = "a-token-that-nobody-has"


def assert_one_line(done: subprocess.CompletedProcess[str], *parts: str, code: int = FAULT) -> None:
    told = [line for line in done.stderr.splitlines() if line.startswith("tux:")]
    assert done.returncode == code, done.stderr
    assert len(told) == 1, done.stderr
    assert all(part in told[0] for part in parts), told
    everything = done.stdout + done.stderr
    assert "Traceback" not in everything
    assert SECRET not in everything


def test_no_token(tux: Tux) -> None:
    """Without a token, start says where to get one and that the demo needs none."""
    assert_one_line(tux("start"), "DISCORD_TOKEN", "tux demo")


def test_unknown_setting(tux: Tux, tmp_path: Path) -> None:
    """An unknown name in tux.toml is told with the nearest known one."""
    (tmp_path / "tux.toml").write_text(f'[sentry]\ndns = "{SECRET}"\n')
    assert_one_line(tux("start", DISCORD_TOKEN=TOKEN), "sentry.dns", "dsn")


def test_unknown_setting_in_dotenv(tux: Tux, tmp_path: Path) -> None:
    """A name in .env that is nearly one of ours is told."""
    (tmp_path / ".env").write_text(f"SENTRY_DNS={SECRET}\n")
    assert_one_line(tux("start", DISCORD_TOKEN=TOKEN), "SENTRY_DNS", "SENTRY_DSN")


def test_settings_file_that_is_no_toml(tux: Tux, tmp_path: Path) -> None:
    """A settings file that cannot be read is told with its line."""
    (tmp_path / "tux.toml").write_text(f"[sentry]\ndsn = {SECRET}\n")
    assert_one_line(tux("start", DISCORD_TOKEN=TOKEN), "tux.toml", "line 2")


def test_settings_file_that_is_a_folder(tux: Tux, tmp_path: Path) -> None:
    """A folder in place of a settings file is told."""
    (tmp_path / "tux.toml").mkdir()
    assert_one_line(tux("start", DISCORD_TOKEN=TOKEN), "tux.toml", "cannot be read")


@pytest.mark.parametrize(
    "words",
    [
        *(("export", "all.jsonl"), ("forward", "--dsn", "http://key@127.0.0.1:9/1")),
        *(("keys", "list"), ("keys", "revoke", "x"), ("projects", "list")),
        *(("tokens", "list"), ("tokens", "revoke", "1")),
    ],
    ids=" ".join,
)
def test_a_wrong_folder(tux_here: Tux, tmp_path: Path, words: tuple[str, ...]) -> None:
    """What looks at a station's file makes none where there is none."""
    assert_one_line(tux_here("station", *words), "STATION_PATH", "station.db is not there")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_terminal_with_few_letters(tmp_path: Path, encoding: str) -> None:
    """What it has no letters for is shown otherwise, and a width of nothing is no width."""
    surroundings = environment(PYTHONIOENCODING=encoding, COLUMNS="0")
    done = subprocess.run(
        [sys.executable, "-m", "tux", "watch", "show"],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    assert b"developers" in done.stdout
    assert b"error_rate" in done.stdout


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_provisioning_without_settings(tux: Tux, command: str) -> None:
    """What sets up Sentry ends as every command does where a setting is missing."""
    assert_one_line(tux("watch", command, "--yes"), "SENTRY_")


def test_a_station_that_is_away(tux: Tux) -> None:
    """A view of a station that does not run ends with the code of what may pass."""
    assert_one_line(tux("issues", "--station", "http://127.0.0.1:9"), "tux station", code=AWAY)


def test_wrong_value(tux: Tux) -> None:
    """A value of the wrong kind is told by the variable's name."""
    done = tux("station", STATION_PORT=SECRET)
    assert_one_line(done, "STATION_PORT", "integer")


def test_port_in_use(tux: Tux) -> None:
    """A taken port is told, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = tux("station", "--port", str(port))
        assert_one_line(done, "STATION_PORT", f"port {port} is taken", code=AWAY)


def test_station_file_in_use(tux: Tux, tmp_path: Path) -> None:
    """A second station on one file is told which process has it."""
    with alone(tmp_path / "station.db"):
        done = tux("station", "--path", "station.db", "--port", "0")
        assert_one_line(done, "STATION_PATH", f"process {os.getpid()}", code=AWAY)


@pytest.mark.parametrize("path", ["/", "."])
def test_a_station_file_without_a_name(tux: Tux, path: str) -> None:
    """A folder in place of the station's file is told."""
    for more in ((), ("projects", "create", "x")):
        assert_one_line(tux("station", "--path", path, "--port", "0", *more), "STATION_PATH")


def test_full_disks(tux: Tux, tmp_path: Path) -> None:
    """A disk that is full is told where the station's file or the demo's data would be made."""
    disk = Disk(tmp_path / "disk", "64k")
    if not disk.is_mounted:
        pytest.skip("no small disk can be mounted here")
    try:
        with disk.full():
            for more in ((), ("projects", "create", "x")):
                done = tux("station", "--path", "disk/x.db", "--port", "0", *more)
                assert_one_line(done, "STATION_PATH", "full" if more else "No space", code=AWAY)
            done = tux("demo", "--seconds", "1", "--port", "0", "--data", "disk/kept")
            assert_one_line(done, "--data", "No space")
    finally:
        disk.close()


def test_station_beyond_loopback(tux: Tux) -> None:
    """The station refuses to be seen by the network without a password."""
    assert_one_line(tux("station", "--host", "0.0.0.0", "--port", "0"), "STATION_PASSWORD")


def test_station_file_that_is_no_database(tux: Tux, tmp_path: Path) -> None:
    """A file that is something else is told, and left as it is."""
    (tmp_path / "notes.txt").write_text("not a database, and precious " * 50)
    assert_one_line(tux("station", "--path", "notes.txt", "--port", "0"), "STATION_PATH")
    assert (tmp_path / "notes.txt").read_text() == "not a database, and precious " * 50


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"postgresql://tux:{SECRET}@127.0.0.1:9/tux", AWAY),
        (f"mysql://tux:{SECRET}@127.0.0.1/tux", FAULT),
        (f"{SECRET}", FAULT),
        ("sqlite:////dev/null/tux.db", FAULT),
        ("sqlite:///.", FAULT),
    ],
    ids=["away", "unknown kind", "no URL", "below no folder", "a folder"],
)
def test_database_that_cannot_be_reached(tux: Tux, url: str, code: int) -> None:
    """The variable is named; an outage has another code than what waiting does not mend."""
    done = tux("start", "--no-station", DISCORD_TOKEN=TOKEN, DATABASE_URL=url)
    assert_one_line(done, "DATABASE_URL", code=code)


async def test_token_that_discord_refuses(tux: Tux) -> None:
    """A wrong token is told, and not shown."""
    async with LocalDiscord() as local:
        done = await asyncio.to_thread(
            tux,
            "start",
            "--no-station",
            DISCORD_TOKEN=SECRET,
            DISCORD_API_URL=local.api_url,
            DISCORD_GATEWAY_URL=local.gateway_url,
        )
    assert_one_line(done, "DISCORD_TOKEN", "developer portal")


async def test_discord_that_cannot_be_reached(tux: Tux) -> None:
    """No way to Discord is told as such, with the code of what may pass."""
    done = tux(
        "start", "--no-station", DISCORD_TOKEN=TOKEN, DISCORD_API_URL="http://127.0.0.1:9/api/v10"
    )
    assert_one_line(done, "cannot be reached", "http://127.0.0.1:9", code=AWAY)


def test_malformed_dsn_does_not_keep_the_bot_from_starting(tux: Tux) -> None:
    """A malformed DSN is one line that names the variable; start goes on to Discord."""
    done = tux(
        "start",
        SENTRY_DSN=f"https://{SECRET}",
        DISCORD_TOKEN=TOKEN,
        DISCORD_API_URL="http://127.0.0.1:9/api/v10",
    )
    told = [line for line in done.stderr.splitlines() if "SENTRY_DSN" in line]
    assert len(told) == 1
    assert_one_line(done, "cannot be reached", code=AWAY)


@pytest.mark.parametrize("command", [(), ("start",), ("demo",), ("station",), ("settings",)])
def test_every_command_explains_itself(tux: Tux, command: tuple[str, ...]) -> None:
    """--help answers everywhere."""
    done = tux(*command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize("folder", ["/dev/null", "/proc/nothing"])
def test_a_demo_folder_that_cannot_be_made(tux: Tux, folder: str) -> None:
    """A folder for the demo's data that cannot be used is told."""
    assert_one_line(tux("demo", "--seconds", "1", "--data", folder), "--data", folder)


def test_a_demo_folder_that_is_in_use(tux: Tux, tmp_path: Path) -> None:
    """A second demo keeps out of the first one's folder."""
    (tmp_path / "kept").mkdir()
    with (tmp_path / "kept" / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = tux("demo", "--seconds", "1", "--data", "kept")
    assert_one_line(done, "--data", "Another demo")


def test_an_interrupt_while_loading(tmp_path: Path) -> None:
    """Ctrl-C in the first moments ends quietly."""
    for seconds in (0.6, 1.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "tux", "demo", "--seconds", "30", "--port", "0"],
            cwd=tmp_path,
            env=environment(),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            # Whoever runs the tests in the background of a shell has Ctrl-C ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # it takes no lock
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=40)
        assert "Traceback" not in told
        assert process.returncode in {-signal.SIGINT, 0, 130}
