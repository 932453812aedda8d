"""What the doctor says of the station that `tux start` starts beside the bot."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import station_at

from tux.doctor.station import check_station
from tux.shared.settings import StationSettings
from tux.station.access.visitors import set_password
from tux.station.store.file import Store

if TYPE_CHECKING:
    from pathlib import Path


def settings(folder: Path, **changes: Any) -> StationSettings:
    return StationSettings(path=folder / "station.db", port=0).model_copy(update=changes)


def test_a_new_one_is_well_and_not_made(tmp_path: Path) -> None:
    """Where a station can start the doctor says so, and leaves nothing."""
    assert check_station(settings(tmp_path / "data")).level == "ok"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"host": "0.0.0.0"}, "STATION_PASSWORD"),  # what is refused
        ({"url": "https://tux.example.org"}, "STATION_PASSWORD"),
        ({"host": "penguins"}, "STATION_HOST"),
        ({"host": "192.0.2.1", "password": "long enough"}, "STATION_PORT"),
    ],
)
def test_what_keeps_the_bot_from_starting(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    """A setting with which `tux start` ends at once is a fault, and named."""
    finding = check_station(settings(tmp_path, **changes))
    assert finding.level == "fault"
    assert finding.advice.startswith(told)


async def test_a_password_of_the_file_is_found(tmp_path: Path) -> None:
    """Others may reach a station whose file has a password; no journal is left beside it."""
    store = Store(tmp_path / "station.db")
    store.open()
    await store.change(lambda connection: set_password(connection, "long enough", 0.0))
    store.close()
    assert check_station(settings(tmp_path, host="0.0.0.0")).level == "ok"
    assert check_station(settings(tmp_path / "none", host="0.0.0.0")).level == "fault"
    assert os.listdir(tmp_path) == ["station.db"]  # noqa: PTH208  # nobody waits for it


def test_a_foreign_file_is_told(tmp_path: Path) -> None:
    """What is no station's file is a fault, and stays as it was."""
    path = tmp_path / "station.db"
    path.write_text("some notes of mine " * 100)
    assert check_station(settings(tmp_path)).level == "fault"
    assert path.read_text().startswith("some notes")


def test_a_port_that_is_taken_is_a_warning(tmp_path: Path) -> None:
    """The bot runs without a station then."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        finding = check_station(settings(tmp_path, port=other.getsockname()[1]))
    assert finding.level == "warning"
    assert "cannot be listened on" in finding.advice


async def test_one_that_runs_is_told_with_its_address(tmp_path: Path) -> None:
    """Its port is its own, and no fault."""
    async with station_at(tmp_path / "station.db") as station:
        finding = check_station(settings(tmp_path))
        assert finding.level == "ok"
        assert station.url in finding.text
