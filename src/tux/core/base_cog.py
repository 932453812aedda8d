"""What every cog of the bot is built on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

if TYPE_CHECKING:
    from tux.core.bot import Tux


class BaseCog(commands.Cog):
    """A cog that knows its bot and the database."""

    def __init__(self, bot: Tux) -> None:
        self.bot = bot
        self.db = bot.db
