"""Somebody's shop, watched by Tux: the two lines that say `tux` are all that was added.

``DISCORD_TOKEN=… SENTRY_DSN=… python bot.py`` runs it. `!buy` of what is not there has a bug.
"""
# ruff: noqa: D101, D102, D103  # a script in no package, as bare as such scripts are

import asyncio
import os

import discord
from discord.ext import commands, tasks

from tux.services.sentry import setup  # tux

PRICES = {"fish": 3, "ice": 1}


class Till(discord.ui.View):
    def __init__(self, cost: int) -> None:
        super().__init__()
        self.cost = cost

    @discord.ui.button(label="Pay")
    async def pay(self, interaction: discord.Interaction, _: discord.ui.Button) -> None:
        await interaction.response.send_message(f"Paid {self.cost}.", ephemeral=True)


class Shop(commands.Cog):
    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.sold: dict[int, int] = {}

    async def look_up(self, thing: str) -> int:
        await asyncio.sleep(0)  # As a database would.
        return PRICES[thing]

    @commands.hybrid_command()
    async def buy(self, ctx: commands.Context, thing: str) -> None:
        """Buy a thing."""
        (cost,) = await asyncio.gather(self.look_up(thing))
        self.sold[ctx.author.id] = self.sold.get(ctx.author.id, 0) + cost
        await ctx.send(f"{cost} coins for {thing}.", view=Till(cost))

    @commands.command()
    @commands.has_permissions(manage_guild=True)
    async def close(self, ctx: commands.Context) -> None:
        await ctx.send("The shop is closed.")

    @tasks.loop(hours=1)
    async def count(self) -> None:
        await self.bot.change_presence(activity=discord.Game(f"{sum(self.sold.values())} coins"))


def make_bot() -> commands.Bot:
    intents = discord.Intents.default()
    intents.message_content = True
    bot = commands.Bot("!", intents=intents)

    @bot.event
    async def setup_hook() -> None:
        await bot.add_cog(Shop(bot))
        await bot.tree.sync()

    return bot


if __name__ == "__main__":
    setup()  # tux
    make_bot().run(os.environ["DISCORD_TOKEN"])
