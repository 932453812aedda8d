"""The demo's own data, and a browser before it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import environment
from tests.fakes import browser as browsers
from tests.fakes.browser import visiting
from tests.station.conftest import station_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser
    from tests.fakes.browser import Visit
    from tests.station.conftest import StationUnderTest

browser = browsers.browser

PICTURES = "TUX_WALK_PICTURES"
"""Names the folder that pictures of the walks go to; without it none are made."""
SECONDS = 25


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The station's file of a demo that ran to its end."""
    folder = tmp_path_factory.mktemp("demo")
    command = (sys.executable, "-m", "tux", "demo", "--port", "0", "--data", str(folder))

    async def run() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            *command,
            "--seconds",
            str(SECONDS),
            env=environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()

    code, output = asyncio.run(run())
    assert code == 0, output
    return folder / "station.db"


@pytest.fixture
async def station(demo_data: Path) -> AsyncIterator[StationUnderTest]:
    """A station over what the demo's members did."""
    async with station_at(demo_data) as running:
        yield running


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Somebody before a screen; what the browser complains about is a failure."""
    async with visiting(browser) as somebody:
        yield somebody
        assert somebody.troubles == []


@pytest.fixture
def picture(visit: Visit) -> Callable[[str], Awaitable[None]]:
    """Takes a picture of what is on the screen, where a folder for pictures is named."""
    folder = os.environ.get(PICTURES)

    async def take(name: str) -> None:
        if folder:
            path = Path(folder) / f"walk-{name}.png"
            await visit.page.screenshot(path=path, animations="disabled")

    return take
