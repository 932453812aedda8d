"""How the bot is set up in a server, and what whoever runs it has left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_group
from tux.shared.exceptions import TuxConfigurationError

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.core.context import TuxContext
    from tux.database.models import Guild
    from tux.shared.settings import Settings

MAX_PREFIX = 10


def require_complete(settings: Settings) -> None:
    """Check that what members may ask for has been set up.

    Raises:
        TuxConfigurationError: a setting is missing. Names it, and never says a value.
    """
    if settings.bot.report_channel_id is None:
        raise TuxConfigurationError(
            "BOT_REPORT_CHANNEL_ID", "Set it to the id of the channel that members' reports go to."
        )
    if settings.sentry.dsn is None:
        raise TuxConfigurationError("SENTRY_DSN", "Set it to where errors and timings shall go.")


class Setup(BaseCog):
    """Commands for a server's administrators."""

    @hybrid_group(name="setup", fallback="show")
    @commands.guild_only()
    @commands.has_guild_permissions(manage_guild=True)
    async def setup_(self, ctx: TuxContext) -> None:
        """Show how the bot is set up in this server."""
        guild = await self._row(ctx)
        embed = discord.Embed(title="Set-up")
        prefix = guild.prefix or self.bot.settings.bot.prefix
        embed.add_field(name="Prefix", value=discord.utils.escape_markdown(prefix))
        channel = f"<#{guild.mod_log_channel_id}>" if guild.mod_log_channel_id else "none"
        embed.add_field(name="Moderation log", value=channel)
        await ctx.send(embed=embed)

    @setup_.command()
    @commands.has_guild_permissions(manage_guild=True)
    async def prefix(self, ctx: TuxContext, prefix: str) -> None:
        """Choose what commands begin with in this server.

        Args:
            ctx: where it was asked.
            prefix: a few characters, without spaces.
        """
        if not prefix.strip() or " " in prefix or len(prefix) > MAX_PREFIX:
            raise commands.BadArgument(f"A prefix has 1 to {MAX_PREFIX} characters and no spaces.")
        guild = await self._row(ctx)
        await self.db.guild.update(guild.id, prefix=prefix)
        self.bot.prefixes[guild.id] = prefix
        await ctx.send(f"Commands begin with {discord.utils.escape_markdown(prefix)} from now on.")

    @setup_.command()
    @commands.has_guild_permissions(manage_guild=True)
    async def modlog(self, ctx: TuxContext, channel: discord.TextChannel | None = None) -> None:
        """Choose the channel in which moderation is noted; none switches it off.

        Args:
            ctx: where it was asked.
            channel: where cases are told.
        """
        guild = await self._row(ctx)
        await self.db.guild.update(guild.id, mod_log_channel_id=channel.id if channel else None)
        told = f"in {channel.mention}" if channel else "nowhere"
        await ctx.send(f"Moderation is noted {told} from now on.")

    @setup_.command()
    @commands.is_owner()
    async def check(self, ctx: TuxContext) -> None:
        """Tell whoever runs the bot which setting is missing."""
        require_complete(self.bot.settings)
        await ctx.send("Everything is set up.")

    async def _row(self, ctx: TuxContext) -> Guild:
        assert ctx.guild is not None  # noqa: S101  # guild_only
        return await self.db.guild.get_or_create(ctx.guild.id, name=ctx.guild.name[:100])


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Setup(bot))
