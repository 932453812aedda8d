"""The real bot in this process, on a local Discord and a real database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord.gateway import DiscordWebSocket
from discord.http import Route

from tux.core.bot import Tux
from tux.database.service import DatabaseService
from tux.services.http_client import HttpClient
from tux.services.sentry.privacy import set_opted_out
from tux.shared.settings import load_settings
from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tux.simulator import Channel, Guild, Member, Reply


@dataclass(frozen=True)
class World:
    """A bot that is ready, and a guild to meet it in."""

    local: LocalDiscord
    guild: Guild
    channel: Channel
    bot: Tux

    @property
    def db(self) -> DatabaseService:
        return self.bot.db

    async def say(self, member: Member, text: str) -> Reply:
        """Let a member write, and give the bot's answer."""
        return await self.local.reply_to(await member.say(self.channel, text), timeout=10)

    async def slash(self, member: Member, command: str, /, **options: Any) -> Reply:
        """Let a member run a slash command, and give the bot's answer."""
        act = await member.slash(self.channel, command, **options)
        return await self.local.reply_to(act, timeout=10)


@asynccontextmanager
async def running(folder: Path, **sections: Any) -> AsyncIterator[World]:
    """Run the bot with these settings until the block ends."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with LocalDiscord() as local:
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("general")
        settings = load_settings(
            **{
                "discord": {"api_url": local.api_url, "gateway_url": local.gateway_url},
                "database": {"url": f"sqlite:///{folder}/tux.db"},
                **sections,
            }
        )
        db = DatabaseService(settings.database.url.get_secret_value())
        await db.connect()
        http_client = HttpClient()
        http_client.configure(settings.http)
        try:
            async with Tux(settings, db, http_client) as bot:
                # As app.py does.
                set_opted_out(bot.opt_outs.ids)
                await bot.opt_outs.load()
                task = asyncio.create_task(bot.start(local.token))
                await local.ready(timeout=10)
                await bot.wait_until_ready()
                yield World(local, guild, channel, bot)
            with suppress(asyncio.CancelledError):
                await task
        finally:
            await http_client.aclose()
            await db.close()
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
