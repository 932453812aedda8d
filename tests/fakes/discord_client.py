"""A real bot on a local Discord, with a cog of one of each kind of work; what arrived of it."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from tests.fakes.sent import parent_of, trace_of, types_of
from tests.sentry.watched import Watched
from yarl import URL

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from tests.fakes.sent import Sent

PATIENCE = 1200.0
"""Seconds for which client and gateway do without a sign of life."""


class Client:
    """A bot that is ready, a member to speak with it, and what it sent."""

    def __init__(self, local: LocalDiscord, bot: commands.Bot, cog: Watched, sent: Sent) -> None:
        self.local, self.bot, self.cog, self.sent = local, bot, cog, sent
        self.guild = local.add_guild("Penguins")
        self.channel = self.guild.add_text_channel("general")
        self.member = self.guild.add_member("pingu")

    async def transactions(self, number: int) -> list[Any]:
        """Wait for so many, and for what would be too much."""
        async with asyncio.timeout(20):
            while len(self.sent.transactions) < number:  # noqa: ASYNC110  # they come by a thread
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        gc.collect()
        await asyncio.sleep(0.02)
        found = self.sent.transactions
        assert len(found) == number
        return found

    async def transaction(self) -> Any:
        (found,) = await self.transactions(1)
        return found


@asynccontextmanager
async def connected(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """Run a bot that is ready."""
    intents = discord.Intents.default()
    intents.message_content = True
    # A thousand units at once keep the loop for longer than a gateway waits for a sign of life.
    async with LocalDiscord(heartbeat_seconds=PATIENCE) as local:
        monkeypatch.setattr(Route, "BASE", local.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(local.gateway_url))
        bot = commands.Bot(
            "!", intents=intents, guild_ready_timeout=0.05, heartbeat_timeout=PATIENCE
        )
        cog = Watched(bot)
        made = Client(local, bot, cog, sent)
        async with bot:
            await bot.add_cog(cog)
            bot.setup_hook = bot.tree.sync  # type: ignore[method-assign,assignment]  # all there is to set up
            running = asyncio.create_task(bot.start(local.token))
            await local.ready()
            await bot.wait_until_ready()
            # Its set-up and its first connect are units, too, and nobody's test.
            sent.forget()
            yield made
        with suppress(asyncio.CancelledError):
            await running
    asyncio.get_running_loop().set_task_factory(None)


def assert_unit(transaction: Any, op: str, name: str, status: str, member: Any = None) -> None:
    trace = transaction["contexts"]["trace"]
    assert (trace["op"], transaction["transaction"]) == (op, name)
    assert trace["status"] == status
    assert parent_of(transaction) is None
    assert transaction.get("user", {}).get("id") == (str(member.id) if member else None)


def assert_failed(sent: Sent, transaction: Any, *, handled: bool = False) -> Any:
    """The only event is of this transaction, with its user and tags."""
    event = sent.event
    assert types_of(event)[-1] == "LookupError"
    mechanism = event["exception"]["values"][-1]["mechanism"]
    assert mechanism["handled"] is handled
    assert handled or mechanism["type"] == "discord"
    assert trace_of(event) == trace_of(transaction)
    assert event["transaction"] == transaction["transaction"]
    assert event.get("user") == transaction.get("user")
    assert transaction["tags"].items() <= event.get("tags", {}).items()
    return event
