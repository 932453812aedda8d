"""Extensions that somebody has written, and a cog that changes them when a member says so."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from discord.ext import commands

GOOD = """
from discord.ext import commands

class Shop(commands.Cog):
    @commands.command()
    async def buy(self, ctx):
        await ctx.send("bought")

async def setup(bot):
    await bot.add_cog(Shop())
"""
BROKEN = {
    "at import": ("raise LookupError", "error", "LookupError"),
    "in its syntax": ("def (", "error", "SyntaxError"),
    "in setup": ("async def setup(bot): raise LookupError", "error", "LookupError"),
    "by a setting": (
        """
        from tux.shared.exceptions import TuxConfigurationError
        async def setup(bot): raise TuxConfigurationError("SHOP_KEY")
        """,
        "warning",
        "TuxConfigurationError",
    ),
    "like a member's mistake": (
        """
        from pydantic import TypeAdapter
        TypeAdapter(int).validate_python("many")
        """,
        "error",
        "ValidationError",
    ),
}
UNLOADED = """
from discord.ext import commands

class Shop(commands.Cog):
    async def cog_unload(self):
        raise LookupError

async def setup(bot):
    await bot.add_cog(Shop())
"""
TORN_DOWN = """
async def setup(bot): pass
async def teardown(bot): raise LookupError
"""
CHANGED = """
import asyncio
from discord.ext import commands

class Shop(commands.Cog):
    async def sell(self):
        raise LookupError("sold out")

    @commands.command()
    async def buy(self, ctx):
        await asyncio.gather(self.sell())

    @commands.Cog.listener()
    async def on_delivery(self):
        await self.sell()

async def setup(bot):
    await bot.add_cog(Shop())
"""


class Keeper(commands.Cog):
    """Lets members change extensions, and either looks at what goes wrong or does not."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot

    @commands.command()
    async def change(self, ctx: commands.Context[Any], deed: str, name: str) -> None:
        await getattr(self.bot, f"{deed}_extension")(name)

    @commands.command()
    async def attempt(self, ctx: commands.Context[Any], deed: str, name: str) -> None:
        with suppress(commands.ExtensionError, ImportError):
            await getattr(self.bot, f"{deed}_extension")(name)
