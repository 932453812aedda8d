"""Comics from an external HTTP API: https://xkcd.com/json.html."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import httpx
from discord.ext import commands
from pydantic import BaseModel, ValidationError

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command
from tux.services.sentry import convert_httpx_error
from tux.shared.exceptions import TuxAPIError

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.core.context import TuxContext

SERVICE = "xkcd"


class Comic(BaseModel):
    """One comic, as the API describes it."""

    num: int
    title: str
    alt: str
    img: str


class Xkcd(BaseCog):
    """Show comics."""

    @hybrid_command()
    @commands.cooldown(5, 10, commands.BucketType.user)
    async def xkcd(
        self, ctx: TuxContext, number: commands.Range[int, 1, 99_999] | None = None
    ) -> None:
        """Show a comic.

        Args:
            ctx: where it was asked.
            number: which one; without it, the newest.
        """
        await ctx.defer()
        comic = await self._fetch(number)
        embed = discord.Embed(
            title=f"{comic.num}: {comic.title}"[:256],
            description=discord.utils.escape_markdown(comic.alt)[:1000],
            url=f"https://xkcd.com/{comic.num}",
        )
        await ctx.send(embed=embed.set_image(url=comic.img))

    async def _fetch(self, number: int | None) -> Comic:
        base = self.bot.settings.http.xkcd_url.rstrip("/")
        url = f"{base}/{number}/info.0.json" if number else f"{base}/info.0.json"
        try:
            response = await self.bot.http_client.get(url)
            response.raise_for_status()
        except httpx.HTTPError as error:
            convert_httpx_error(error, SERVICE, url, not_found_resource=f"Comic {number}")
        try:
            return Comic.model_validate_json(response.content)
        except ValidationError as error:
            # Not the member's mistake, as other validation errors are.
            reason = f"an answer that is no comic ({error.error_count()} faults)"
            raise TuxAPIError(SERVICE, url, reason, response.status_code) from None


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Xkcd(bot))
