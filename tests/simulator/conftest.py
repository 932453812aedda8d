"""A local Discord and an unmodified discord.py bot on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import discord
import pytest
import yarl
from discord.ext import commands

from tux.simulator import LocalDiscord

Running = Callable[..., AbstractAsyncContextManager[commands.Bot]]


def new_bot(intents: discord.Intents | None = None) -> commands.Bot:
    return commands.Bot(
        "!",
        intents=intents or discord.Intents.all(),
        guild_ready_timeout=0.05,
        help_command=None,
    )


def point_at(local: LocalDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord.http.Route, "BASE", local.api_url)
    gateway = yarl.URL(local.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)


@pytest.fixture
async def local(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as local:
        point_at(local, monkeypatch)
        yield local


@asynccontextmanager
async def running_on(local: LocalDiscord, bot: commands.Bot) -> AsyncIterator[commands.Bot]:
    """Log in, wait until the bot itself is ready, and close it at the end."""
    task = asyncio.create_task(bot.start(local.token))
    waiting = asyncio.create_task(_until_ready(bot))
    try:
        done, _ = await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            await task
        yield bot
    finally:
        waiting.cancel()
        # discord.py 2.7.1 cannot run an error handler after `close`, which takes its loop away.
        handlers = [one for one in asyncio.all_tasks() if "discord.py" in one.get_name()]
        if handlers:
            await asyncio.wait(handlers, timeout=5)
        await bot.close()
        with contextlib.suppress(asyncio.CancelledError, discord.DiscordException):
            await task


async def _until_ready(bot: commands.Bot) -> None:
    # Before login there is nothing to wait for.
    await until(lambda: bot.user is not None)
    await bot.wait_until_ready()


@pytest.fixture
def running(local: LocalDiscord) -> Running:
    """Run a bot on the local Discord."""

    def run(bot: commands.Bot) -> AbstractAsyncContextManager[commands.Bot]:
        return running_on(local, bot)

    return run


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what nothing tells of."""
    while not condition():  # noqa: ASYNC110  # upstream has no event for it
        await asyncio.sleep(0.01)
