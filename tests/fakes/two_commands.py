"""An extension of somebody's: one hybrid command that works and one that fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.core.context import TuxContext


class TwoCommands(BaseCog):
    """Work and fail."""

    @hybrid_command()
    async def work(self, ctx: TuxContext) -> None:
        """Work, and let others in meanwhile."""
        await asyncio.sleep(0.05)
        await ctx.send("worked")

    @hybrid_command()
    async def fail(self, ctx: TuxContext) -> None:
        """Fail in a child task, after others were let in."""
        await asyncio.sleep(0.05)
        await asyncio.gather(self.look_up(ctx.author.id), asyncio.sleep(0.01))

    async def look_up(self, member_id: int) -> None:
        """Look for what is not there."""
        await asyncio.sleep(0.01)
        raise LookupError(member_id)


async def setup(bot: Tux) -> None:
    await bot.add_cog(TwoCommands(bot))
