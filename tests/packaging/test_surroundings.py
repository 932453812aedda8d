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


def test_the_health_check_asks_the_station(station: StationProcess, tmp_path: Path) -> None:
    """It fails where no station answers, and does not ask where another receiver is set."""
    check = (sys.executable, PACKAGING / "healthcheck.py")
    port = station.url.rpartition(":")[2]
    assert run(*check, folder=tmp_path, STATION_PORT=port).returncode == 0
    nobody = run(*check, folder=tmp_path, STATION_PORT="9")
    assert (nobody.returncode, nobody.stderr) == (1, "")
    elsewhere = run(*check, folder=tmp_path, STATION_PORT="9", SENTRY_DSN="https://k@h/1")
    assert elsewhere.returncode == 0
