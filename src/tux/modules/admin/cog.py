"""The owner's commands: extensions, slash commands, telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command, hybrid_group
from tux.core.loader import LOAD_ERRORS, full_name, reason_of
from tux.services.sentry import (
    SentryManager,
    capture_cog_error,
    capture_message,
    is_initialized,
    start_span,
)
from tux.services.sentry.reporting import figures
from tux.shared.exceptions import TuxExtensionError, TuxPermissionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.core.bot import Tux
    from tux.core.context import TuxContext

OWN = "tux.modules.admin"


class Admin(BaseCog):
    """Commands that only the bot's owner may use."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.sentry = SentryManager()

    async def cog_check(self, ctx: commands.Context[Any]) -> bool:
        """Let nobody but the owner pass.

        Raises:
            commands.NotOwner: somebody else asks.
        """
        if not await self.bot.is_owner(ctx.author):
            raise commands.NotOwner
        return True

    @hybrid_command()
    async def load(self, ctx: TuxContext, extension: str) -> None:
        """Load an extension.

        Args:
            ctx: where it was asked.
            extension: its name, `tux.modules.` may be left out.
        """
        await self._change(ctx, extension, "loaded", self.bot.load_extension)

    @hybrid_command()
    async def unload(self, ctx: TuxContext, extension: str) -> None:
        """Take an extension out.

        Args:
            ctx: where it was asked.
            extension: its name.
        """
        if self._name(extension) == OWN:
            raise TuxPermissionError("Without this one nothing could be loaded again.")
        await self._change(ctx, extension, "unloaded", self.bot.unload_extension)

    @hybrid_command()
    async def reload(self, ctx: TuxContext, extension: str) -> None:
        """Load an extension anew; where that fails, the old one stays.

        Args:
            ctx: where it was asked.
            extension: its name.
        """
        await self._change(ctx, extension, "reloaded", self.bot.reload_extension)

    @hybrid_command()
    async def sync(self, ctx: TuxContext) -> None:
        """Tell Discord anew which slash commands there are."""
        await ctx.defer()
        synced = await self.bot.tree.sync()
        await ctx.send(f"{len(synced)} commands are synced.")

    @hybrid_group(name="sentry", fallback="status")
    async def sentry_(self, ctx: TuxContext) -> None:
        """Show whether errors and timings are sent, and what was held back."""
        on = is_initialized()
        embed = discord.Embed(
            title="Telemetry",
            colour=discord.Colour.green() if on else discord.Colour.greyple(),
            description="Errors and timings are sent."
            if on
            else "Off: SENTRY_DSN is not set, or is no DSN.",
        )
        settings, counts = self.bot.settings.sentry, figures()
        embed.add_field(name="Environment", value=settings.environment)
        embed.add_field(name="Commands sampled", value=f"{settings.command_sample_rate:.0%}")
        embed.add_field(name="Held back", value=str(counts["suppressed"]))
        embed.add_field(name="Own faults", value=str(counts["internal_errors"]))
        failed = self.bot.extensions_loaded.failed
        if failed:
            embed.add_field(name="Left out", value="\n".join(failed)[:1024], inline=False)
        await ctx.send(embed=embed)

    @sentry_.command(name="test")
    async def sentry_test(self, ctx: TuxContext) -> None:
        """Send a test event, to see that it arrives."""
        event_id = capture_message("A test event, asked for by the owner", level="info")
        await ctx.defer()
        await self.sentry.flush_async()
        if event_id:
            await ctx.send(f"Sent: event {event_id}.")
        else:
            await ctx.send("Nothing was sent: telemetry is off, or too much was sent just now.")

    def _name(self, extension: str) -> str:
        try:
            return full_name(extension, self.bot.known_extensions())
        except TuxExtensionError:
            known = ", ".join(
                name.removeprefix("tux.modules.") for name in self.bot.known_extensions()
            )
            raise commands.BadArgument(
                f"There is no extension `{extension[:50]}`. There are: {known}."
            ) from None

    async def _change(
        self, ctx: TuxContext, extension: str, done: str, change: Callable[[str], Awaitable[None]]
    ) -> None:
        name = self._name(extension)
        await ctx.defer()
        try:
            with start_span(op="extension", description=f"{done} {name}"):
                await change(name)
        except (commands.ExtensionNotLoaded, commands.ExtensionAlreadyLoaded) as error:
            raise commands.BadArgument(str(error)) from None
        except LOAD_ERRORS as error:
            event_id = capture_cog_error(error, cog_name=name)
            told = f" Event {event_id}." if event_id else ""
            await ctx.send(f"{name} is not {done}: {reason_of(error)}.{told}")
            return
        await ctx.send(f"{name} is {done}.")


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Admin(bot))
