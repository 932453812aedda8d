"""Whether the bot is there, and how fast."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import discord

from tux import __version__
from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.core.context import TuxContext


class Info(BaseCog):
    """Commands about the bot itself."""

    @hybrid_command()
    async def ping(self, ctx: TuxContext) -> None:
        """Show how long the bot's ways to Discord and to its database take."""
        began = time.perf_counter()
        message = await ctx.send("Pong!")
        rest = time.perf_counter() - began
        began = time.perf_counter()
        await self.db.guild.get(ctx.guild.id if ctx.guild else 0)
        database = time.perf_counter() - began
        embed = discord.Embed(title="Pong!", colour=discord.Colour.green())
        # No heartbeat has been answered yet in the first seconds: the latency is then infinite.
        gateway = self.bot.latency
        known = f"{gateway * 1000:.0f} ms" if gateway < float("inf") else "not known yet"
        embed.add_field(name="Gateway", value=known)
        embed.add_field(name="REST", value=f"{rest * 1000:.0f} ms")
        embed.add_field(name="Database", value=f"{database * 1000:.0f} ms")
        embed.set_footer(text=f"Tux {__version__}")
        await message.edit(content=None, embed=embed)


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Info(bot))
