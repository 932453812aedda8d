"""A bot and a station, each in a process of its own, on a local Discord."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from tests.cli.conftest import environment

from tux.supervisor import Child, station_child

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tux.simulator import LocalDiscord


@asynccontextmanager
async def bot_and_station(
    local: LocalDiscord, folder: Path, **settings: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Run both, the bot with two commands and some settings; gives a client of the station's pages."""
    common = environment(
        PYTHONPATH=str(Path(__file__).parents[2]), STATION_PATH=str(folder / "station.db")
    )
    async with AsyncExitStack() as stack:
        station = station_child(0, common, folder)
        stack.push_async_callback(station.stop)
        announced = await station.start()
        bot = Child(
            "bot",
            ("tux", "start", "--no-station", "--child"),
            {
                **common,
                "SENTRY_DSN": announced["dsn"],
                "DISCORD_TOKEN": local.token,
                "DISCORD_API_URL": local.api_url,
                "DISCORD_GATEWAY_URL": local.gateway_url,
                "BOT_EXTENSIONS": "tests.fakes.two_commands",
                "BOT_LOG_LEVEL": "ERROR",
                **settings,
            },
            folder,
        )
        stack.push_async_callback(bot.stop)
        await bot.start()
        yield await stack.enter_async_context(
            httpx.AsyncClient(base_url=announced["url"], trust_env=False)
        )
