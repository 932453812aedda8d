"""Nobody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.ext import commands

from benchmarks.failures import raised

if TYPE_CHECKING:
    from benchmarks.rounds import Plan


class Work(commands.Cog):
    """Two commands."""

    @commands.command()
    async def work(self, ctx: commands.Context[Any]) -> None:
        """Do nothing."""

    @commands.command()
    async def fail(self, ctx: commands.Context[Any]) -> None:
        """Fail."""
        raise raised(ctx.author.id)


def start(plan: Plan) -> None:
    """Nothing to start."""


def capture(error: Exception) -> None:
    """Nobody to tell."""
