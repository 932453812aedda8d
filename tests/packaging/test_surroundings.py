"""The unit of systemd and the container's file are what their own checkers call good."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.packaging.environments import ROOT, run

if TYPE_CHECKING:
    from tux.pytest_plugin.station_process import StationProcess

PACKAGING = ROOT / "packaging"
MOST_EXPOSED = 20
"""Tenths of systemd's measure of what a unit may do; an unprotected one has 96."""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", ["start", "station"])
def test_the_unit_is_sound_and_hard(name: str, tmp_path: Path) -> None:
    """Systemd finds no fault in the unit, and little that it may do."""
    unit = tmp_path / f"tux@{name}.service"
    text = (PACKAGING / "tux@.service").read_text()
    assert text.count("/opt/tux/bin/tux") == 1
    unit.write_text(text.replace("/opt/tux/bin/tux", str(Path(sys.executable).with_name("tux"))))
    done = run("systemd-analyze", "verify", unit, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    ask = ("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", unit)
    done = run(*ask, folder=tmp_path)
    assert done.returncode == 0, done.stdout


HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint has no wheel for this machine")
def test_the_containers_file_is_sound() -> None:
    """Hadolint has nothing to say."""
    done = run(HADOLINT, "Containerfile", folder=PACKAGING)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_container_gets_what_it_copies() -> None:
    """Each path that is copied is there, and none of them is left out of what is sent."""
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".containerignore").read_text().splitlines()
        if line.startswith("!")
    }
    lines = (PACKAGING / "Containerfile").read_text().splitlines()
    copied = {
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    assert copied == sent
    assert all((ROOT / one).exists() for one in copied)


@pytest.mark.parametrize(
    ("words", "toml", "more", "status"),
    [
        ("start", "", {"STATION_PORT": "HERE"}, 0),
        ("start", "", {"STATION_PORT": "9"}, 1),
        ("start", "[station]\nport = HERE\n", {}, 0),
        ("start", "", {"STATION_PORT": "9", "SENTRY_DSN": "https://k@h/1"}, 0),
        ("start", '[station]\nport = 9\n[sentry]\ndsn = "https://k@h/1"\n', {}, 0),
        ("start --no-station", "", {"STATION_PORT": "9"}, 0),
        ("station", "", {"STATION_PORT": "9", "SENTRY_DSN": "https://k@h/1"}, 1),
        ("station --port HERE", "", {"STATION_PORT": "9"}, 0),
        ("station", "", {"STATION_PORT": "HERE", "STATION_HOST": "0.0.0.0"}, 0),
        ("start", "[station]\nport = 'many'\n", {"STATION_PORT": ""}, 1),
    ],
)
def test_the_health_check_asks_the_station(
    station: StationProcess,
    tmp_path: Path,
    words: str,
    toml: str,
    more: dict[str, str],
    status: int,
) -> None:
    """It fails where a station should answer and none does, and asks nothing where none runs.

    What is set is read as the bot reads it, and what was started is told by the first process.
    """
    port = station.url.rpartition(":")[2]
    first = tmp_path / "cmdline"
    first.write_bytes(b"\0".join(f"python tux {words}".replace("HERE", port).encode().split()))
    (tmp_path / "tux.toml").write_text(toml.replace("HERE", port))
    given = {name: value.replace("HERE", port) for name, value in more.items()}
    done = run(sys.executable, PACKAGING / "healthcheck.py", first, folder=tmp_path, **given)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
