"""What telemetry tells of members and servers, and how they opt out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord.ext import commands

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_group

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.core.context import TuxContext
    from tux.shared.settings import Settings

TOLD: Final = {
    "id": "your Discord id",
    "id+name": "your Discord id and your name",
    "hash": "a hash in the place of your Discord id, which stands for you and does not name you",
}
NOTHING: Final = (
    "Nothing is told of you. If the bot breaks while it works for you, its owner is told what broke, "
    "and not for whom or where."
)
NOTHING_HERE: Final = (
    "Nothing is told of this server or of anybody in it. If the bot breaks here, its owner is told "
    "what broke, and not for whom or where."
)


class Privacy(BaseCog):
    """Commands for every member, and for whoever manages a server."""

    @hybrid_group(name="privacy", fallback="show")
    async def privacy(self, ctx: TuxContext) -> None:
        """Show what the bot tells its owner about you when it works for you."""
        gone = self.bot.opt_outs.ids
        settings = self.bot.settings
        embed = discord.Embed(title="Privacy", description=_purpose(settings))
        you = NOTHING if ctx.author.id in gone else _told(settings)
        embed.add_field(name="You", value=you, inline=False)
        if ctx.guild is not None:
            here = (
                NOTHING_HERE if ctx.guild.id in gone else "Its id and that of the channel are told."
            )
            embed.add_field(name="This server", value=here, inline=False)
        embed.add_field(name="What you write", value=_written(settings), inline=False)
        embed.add_field(name="Your choice", value=_choice(self.bot, ctx), inline=False)
        await ctx.send(embed=embed, ephemeral=True)

    @privacy.command(name="opt-out")
    async def opt_out(self, ctx: TuxContext) -> None:
        """Let nothing be told of you from now on, in any server."""
        await self.bot.opt_outs.set_user(ctx.author.id, tracked=False)
        await ctx.send(f"{NOTHING}\n{_earlier()}", ephemeral=True)

    @privacy.command(name="opt-in")
    async def opt_in(self, ctx: TuxContext) -> None:
        """Let the bot tell of you again."""
        await self.bot.opt_outs.set_user(ctx.author.id, tracked=True)
        await ctx.send(_told(self.bot.settings), ephemeral=True)

    @privacy.command(name="server-opt-out")
    @commands.guild_only()
    @commands.has_guild_permissions(manage_guild=True)
    async def server_opt_out(self, ctx: TuxContext) -> None:
        """Let nothing be told of this server and of anybody in it; for those who manage it."""
        assert ctx.guild is not None  # noqa: S101  # guild_only
        await self.bot.opt_outs.set_guild(ctx.guild.id, tracked=False)
        await ctx.send(f"{NOTHING_HERE}\n{_earlier()}")

    @privacy.command(name="server-opt-in")
    @commands.guild_only()
    @commands.has_guild_permissions(manage_guild=True)
    async def server_opt_in(self, ctx: TuxContext) -> None:
        """Let the bot tell of this server again; for those who manage it."""
        assert ctx.guild is not None  # noqa: S101  # guild_only
        await self.bot.opt_outs.set_guild(ctx.guild.id, tracked=True)
        await ctx.send("Errors and timings tell of this server again. Who has opted out stays so.")


def _purpose(settings: Settings) -> str:
    if settings.sentry.dsn is None:
        return "The bot sends its errors and timings nowhere."
    return (
        "So that its owner can mend it, the bot sends him its errors and some of its timings: which "
        "command it was, what broke in its code, how long it took, for whom and where."
    )


def _told(settings: Settings) -> str:
    return f"Told of you: {TOLD[settings.privacy.user]}."


def _written(settings: Settings) -> str:
    if settings.privacy.content:
        return "Parts of it may be told, where the code was just working on them."
    return "It is not told."


def _choice(bot: Tux, ctx: TuxContext) -> str:
    sign = "/" if ctx.interaction is not None else ctx.clean_prefix
    ways = ["opt-in" if ctx.author.id in bot.opt_outs.ids else "opt-out"]
    if ctx.guild is not None and _manages(ctx.author):
        ways.append("server-opt-in" if ctx.guild.id in bot.opt_outs.ids else "server-opt-out")
    return "\n".join(f"`{sign}privacy {way}`" for way in ways)


def _manages(author: discord.User | discord.Member) -> bool:
    return isinstance(author, discord.Member) and author.guild_permissions.manage_guild


def _earlier() -> str:
    return "What was told earlier goes when its time is over, or when the bot's owner removes it."


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Privacy(bot))
