"""Telling whoever runs the bot what is on one's mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from tux.core.base_cog import BaseCog
from tux.core.feedback import FeedbackForm

if TYPE_CHECKING:
    import discord

    from tux.core.bot import Tux


class Feedback(BaseCog):
    """A form that is always open."""

    @app_commands.command()
    async def feedback(self, interaction: discord.Interaction[Tux]) -> None:
        """Tell whoever runs the bot what works and what does not."""
        await interaction.response.send_modal(FeedbackForm())


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Feedback(bot))
