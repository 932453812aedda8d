"""Commands with the bugs that real bots have, for the demo to find.

An extension like any user's own: nothing in it speaks of telemetry but the spans of ``feast``.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import discord
from discord.ext import commands
from loguru import logger
from sqlalchemy import text

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command
from tux.database.service import DatabaseService
from tux.services.sentry import SentryManager

if TYPE_CHECKING:
    from tux.core.bot import Tux

COUNTED_ROWS = 60_000
BANQUET_SECONDS = 5.5
"""Longer than anybody should wait: the third alert of the guide begins at five."""
DISHES = {"krill": 0.12, "squid": 0.3, "herring": 0.05}
"""Dish → seconds that it takes to cook."""


class Playground(BaseCog):
    """Fish, ranks and feasts."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.sentry = SentryManager()

    @hybrid_command()
    @commands.guild_only()
    async def rank(self, ctx: commands.Context[Tux]) -> None:
        """Show your rank among the penguins."""
        await ctx.send(f"You are at level {level_of(profile_of(ctx.author.id))}.")

    @hybrid_command()
    @commands.guild_only()
    async def split(self, ctx: commands.Context[Tux], fish: int, penguins: int) -> None:
        """Share fish among penguins.

        Args:
            ctx: where it was asked.
            fish: how many fish there are.
            penguins: how many penguins want some.
        """
        await ctx.send(f"Each gets {share_of(fish, penguins)} fish.")

    @hybrid_command()
    @commands.guild_only()
    async def leaderboard(self, ctx: commands.Context[Tux]) -> None:
        """Count everybody's fish, the slow way."""
        async with self.bot.db.session() as session:
            counted = await session.execute(
                text(
                    "WITH RECURSIVE fish(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM fish "
                    "WHERE n < :rows) SELECT count(*) FROM fish"
                ),
                {"rows": COUNTED_ROWS},
            )
            await ctx.send(f"{counted.scalar_one()} fish have been caught.")

    @hybrid_command()
    @commands.guild_only()
    async def feast(self, ctx: commands.Context[Tux]) -> None:
        """Cook for everybody; takes its time."""
        await asyncio.gather(*(self._cook(dish) for dish in DISHES))
        await ctx.send(f"Served: {', '.join(DISHES)}.")

    @hybrid_command()
    @commands.guild_only()
    async def applaud(self, ctx: commands.Context[Tux]) -> None:
        """React to what was said, while Discord has trouble."""
        said = ctx.channel.get_partial_message(ctx.channel.id)  # type: ignore[union-attr]  # in a guild
        await said.add_reaction("🐟")

    @hybrid_command()
    @commands.guild_only()
    async def herald(self, ctx: commands.Context[Tux]) -> None:
        """Take an announcement back by a webhook, whose address is a secret."""
        address = os.environ["DEMO_WEBHOOK_URL"]
        logger.info("announcing by {}", address)
        await discord.Webhook.from_url(address, client=ctx.bot).delete_message(ctx.channel.id)

    @hybrid_command()
    @commands.guild_only()
    async def treasury(self, _ctx: commands.Context[Tux]) -> None:
        """Count the fish in a database that is away, by an address with a password."""
        address = os.environ["DEMO_DATABASE_URL"]
        logger.info("counting in {}", address)
        treasury = DatabaseService(address)
        try:
            await treasury.connect()
        finally:
            await treasury.close()

    @hybrid_command()
    @commands.guild_only()
    async def banquet(self, ctx: commands.Context[Tux]) -> None:
        """Cook everything there is, one after the other."""
        await ctx.defer()
        with self.sentry.start_span(op="function", description="cook everything"):
            await asyncio.sleep(BANQUET_SECONDS)
        await ctx.send("Served: everything.")

    @hybrid_command()
    @commands.guild_only()
    async def dive(self, ctx: commands.Context[Tux]) -> None:
        """Look for wrecks in a table that nobody has made."""
        async with self.bot.db.session() as session:
            found = await session.execute(text("SELECT count(*) FROM wrecks"))
            await ctx.send(f"{found.scalar_one()} wrecks lie down there.")

    async def _cook(self, dish: str) -> None:
        with self.sentry.start_span(op="function", description=f"cook {dish}"):
            await asyncio.sleep(DISHES[dish])


def profile_of(member_id: int) -> dict[str, int]:
    """Look a member's fish up."""
    return {} if is_newcomer(member_id) else {"fish": member_id % 97}


def is_newcomer(member_id: int) -> bool:
    """Tell whether a member has no fish yet, which `rank` forgot to think of: one in four."""
    return (member_id ^ member_id >> 22) % 4 == 3  # noqa: PLR2004  # any of the four


def level_of(profile: dict[str, int]) -> int:
    """Make a level from fish."""
    return profile["fish"] // 10


def share_of(fish: int, penguins: int) -> int:
    """Divide fairly, and forget that nobody may come."""
    return fish // penguins


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Playground(bot))
