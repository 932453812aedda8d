"""The fixture ``local_discord``: your bot on a Discord of its own, with members to act as."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    import discord

    from tux.simulator import Channel, Guild, Member, Reply

    Run = Callable[[discord.Client], AbstractAsyncContextManager["LocalBot"]]

START_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 10.0
GUILDS_SECONDS: Final = 0.05
"""How long a local Discord may take to send its guilds; discord.py waits two seconds by default."""


@dataclass(frozen=True)
class LocalBot:
    """A bot that is ready, in a guild with one channel."""

    local: LocalDiscord
    bot: discord.Client
    guild: Guild
    channel: Channel

    def member(self, name: str, *, permissions: int = 0) -> Member:
        """Let somebody join, with these of Discord's permissions."""
        roles = [self.guild.add_role(f"{name}'s", permissions=permissions)] if permissions else []
        return self.guild.add_member(name, roles=roles)

    async def say(self, member: Member, text: str) -> Reply:
        """Let a member write, and give the bot's first answer.

        Raises:
            TimeoutError: there was none.
        """
        act = await member.say(self.channel, text)
        return await self.local.reply_to(act, timeout=ANSWER_SECONDS)

    async def slash(self, member: Member, command: str, /, **options: Any) -> Reply:
        """Let a member run a slash command, and give the bot's first answer.

        Raises:
            TimeoutError: there was none.
        """
        act = await member.slash(self.channel, command, **options)
        return await self.local.reply_to(act, timeout=ANSWER_SECONDS)


@asynccontextmanager
async def _running(bot: discord.Client) -> AsyncIterator[LocalBot]:
    async with LocalDiscord() as local:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = local.api_url, URL(local.gateway_url)
        bot._connection.guild_ready_timeout = GUILDS_SECONDS  # noqa: SLF001  # a bot is made before us
        guild = local.add_guild("Test guild")
        made = LocalBot(local, bot, guild, guild.add_text_channel("general"))
        async with bot:
            running = asyncio.create_task(bot.start(local.token))
            await _until_ready(local, bot, running)
            yield made
        with suppress(asyncio.CancelledError):
            await running


async def _until_ready(
    local: LocalDiscord, bot: discord.Client, running: asyncio.Task[None]
) -> None:
    """Wait for the bot; one that ends before it is ready says why."""

    async def ready() -> None:
        await local.ready(START_SECONDS)
        await bot.wait_until_ready()

    waiting = asyncio.create_task(ready())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        waiting.cancel()
        await running
    await waiting


@pytest.fixture
def local_discord() -> Iterator[Run]:
    """Run a bot on a local Discord: it is called with the bot, for an ``async with`` block.

    It is the real discord.py client over a real websocket and HTTP on loopback, without a token.
    """
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    yield _running
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
