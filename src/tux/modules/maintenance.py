"""What the bot does by itself: lifts bans whose time is over, and removes old records."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import discord
from discord.ext import tasks
from loguru import logger

from tux.core.base_cog import BaseCog
from tux.database.models import CaseStatus
from tux.services.sentry import (
    CheckIn,
    SentryManager,
    capture_database_error,
    capture_exception,
)
from tux.shared.exceptions import TuxDatabaseError

if TYPE_CHECKING:
    from tux.core.bot import Tux
    from tux.database.models import Case

MINUTES: Final = 1
BATCH: Final = 100
RESTART_SECONDS: Final = 5.0
MONITOR: Final[dict[str, Any]] = {
    "schedule": {"type": "interval", "value": MINUTES, "unit": "minute"},
    "checkin_margin": 2,
    "max_runtime": 5,
    "timezone": "UTC",
}


class Maintenance(BaseCog):
    """The background loop."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.sentry = SentryManager()
        self._round = asyncio.Lock()
        """Held while a round is done."""

    async def cog_load(self) -> None:
        """Start the loop."""
        # The loop keeps its task itself.
        _ = self.clean.start()

    async def cog_unload(self) -> None:
        """Stop it between two rounds, or a reloaded cog would run two."""
        # Not within one: a ban would be lifted and its case left open.
        async with self._round:
            self.clean.cancel()

    @tasks.loop(minutes=MINUTES)
    async def clean(self) -> None:
        """Do one round; a database that is away is told, and tried again in the next."""
        async with self._round:
            await self._clean()

    async def _clean(self) -> None:
        now = datetime.now(UTC)
        before = now - timedelta(days=self.bot.settings.database.record_days)
        try:
            with CheckIn("maintenance", MONITOR):
                # Cases of servers that we have left would stand in the way of the others.
                here = [guild.id for guild in self.bot.guilds]
                due = await self.db.case.due(now, BATCH, guild_ids=here)
                lifted = [case.number for case in due if await self._lift(case)]
                removed = await self.db.case.purge(before)
        except TuxDatabaseError as error:
            capture_database_error(error)
            logger.warning("maintenance waits: {}", error)
            return
        self.sentry.add_breadcrumb("a round is done", data={"lifted": lifted, "removed": removed})

    @clean.before_loop
    async def _until_ready(self) -> None:
        await self.bot.wait_until_ready()

    @clean.error
    async def _again(self, error: BaseException) -> None:
        """Start the loop again: discord.py would let it rest for ever."""
        logger.error("maintenance failed ({}); it goes on soon", type(error).__name__)
        await asyncio.sleep(RESTART_SECONDS)
        self.clean.restart()

    async def _lift(self, case: Case) -> bool:
        """Lift one ban; one that cannot be lifted must not keep the others banned."""
        guild = self.bot.get_guild(case.guild_id)
        if guild is None:
            # We have left that server, or it is away: nobody there to ask.
            return False
        try:
            await guild.unban(discord.Object(case.user_id), reason=f"case {case.number} is over")
        except discord.NotFound:
            pass  # somebody was faster
        except discord.Forbidden as error:
            logger.warning("case {} cannot be lifted: {}", case.number, error.code)
            await self.db.case.update(case.id or 0, status=CaseStatus.VOID.value)
            return False
        except discord.HTTPException as error:
            capture_exception(error)
            return False
        await self.db.case.update(
            case.id or 0, status=CaseStatus.CLOSED.value, closed_at=datetime.now(UTC)
        )
        return True


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Maintenance(bot))
