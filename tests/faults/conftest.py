"""A stage for each scenario, and a real station for those that want one."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from tests.fakes.telemetry import Telemetry
from tests.faults.matrix import lines_of, rows_of, write
from tests.faults.server import FaultServer
from tests.faults.stage import Stage
from tests.faults.workers import Workshop

from tux.shared.settings import StationSettings
from tux.station.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tux.station.server import Station


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-delivery-table", action="store_true", help="write docs/delivery.md")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what became of the events of each scenario."""
    passed = terminalreporter.stats.get("passed", [])
    rows = rows_of(one for report in passed for one in report.user_properties)
    if rows and config.getoption("--write-delivery-table"):
        write(rows)
        terminalreporter.write_line("\n".join(lines_of(rows)))


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A real station, in a thread of its own."""
    ready, leave = threading.Event(), asyncio.Event()
    running: list[Station] = []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        path = tmp_path_factory.mktemp("station") / "station.db"
        async with serving(StationSettings(port=0, path=path)) as station:
            running.append(station)
            ready.set()
            await leave.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    yield running[0]
    loop.call_soon_threadsafe(leave.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """What forks processes for the tests."""
    workshop = Workshop(tmp_path_factory.mktemp("pipes"))
    yield workshop
    workshop.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A server that takes everything, and telemetry that is not started yet."""
    yield from staged(FaultServer(), tmp_path)


@pytest.fixture
def stationed(tmp_path: Path, station: Station) -> Iterator[Stage]:
    """A stage whose server hands on to the real station."""
    yield from staged(FaultServer(station.dsn), tmp_path)


def staged(server: FaultServer, path: Path) -> Iterator[Stage]:
    """Set a stage up around a server, and clear it."""
    server.come()
    telemetry = Telemetry(server.dsn, path / "spool")
    yield Stage(server, telemetry)
    server.close()
    telemetry.stop()
