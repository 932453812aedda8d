"""Bots that are begun and ended by tests of just that, on a local Discord."""

from __future__ import annotations

import asyncio
import itertools
import threading
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route
from yarl import URL

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    import pytest

    from tux.simulator import Channel, Guild


class Plain(commands.Bot):
    """A bot of one connection that need not wait before it identifies again."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__("!", intents=intents, guild_ready_timeout=0.05, **options)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for nothing: a local Discord has no limit."""


class Sharded(Plain, commands.AutoShardedBot):
    """The same with two shards, or so many."""

    def __init__(self, shards: int = 2) -> None:
        super().__init__(shard_count=shards)


@dataclass
class Life:
    """A bot that is ready, and the task that it lives in."""

    local: LocalDiscord
    guild: Guild
    channel: Channel
    bot: Plain
    running: asyncio.Task[None]

    def hears(self, event: str, times: int = 1) -> Awaitable[Any]:
        """Wait until it hears an event of discord.py's so often, from the call on."""
        count = itertools.count(1)
        return self.bot.wait_for(event, check=lambda *_: next(count) >= times, timeout=20)

    async def end(self) -> BaseException | None:
        """Wait for what ends it."""
        (ended,) = await asyncio.gather(self.running, return_exceptions=True)
        return ended


def point_at(local: LocalDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all bots of this process know no other Discord."""
    monkeypatch.setattr(Route, "BASE", local.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(local.gateway_url))
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda _: 0)


@asynccontextmanager
async def living(bot: Plain, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Life]:
    """Run a bot until the block ends, or it ends by itself."""
    async with LocalDiscord() as local:
        point_at(local, monkeypatch)
        async with started(bot, local) as life:
            yield life
    asyncio.get_running_loop().set_task_factory(None)


@asynccontextmanager
async def started(bot: Plain, local: LocalDiscord) -> AsyncIterator[Life]:
    """Run a bot on a Discord that is there, and give it a guild to be met in."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    async with bot:
        running = asyncio.create_task(bot.start(local.token))
        await bot.wait_for("ready", timeout=20)
        yield Life(local, guild, channel, bot, running)
    with suppress(BaseException):
        await running
    # discord.py forgets the socket of a connect that fails half-way, whose thread would go on.
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler):
            thread.stop()


class PerTask:
    """A class's attribute that each task may set for itself and for all that it starts.

    discord.py has one address of Discord for the process; two bots on two Discords need two.
    """

    def __init__(self, default: Any) -> None:
        self.value: ContextVar[Any] = ContextVar("value", default=default)

    def __get__(self, instance: object, owner: type) -> Any:
        return self.value.get()
