"""The moderators' commands."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord.ext import commands
from loguru import logger
from sqlmodel import col

from tux.core.base_cog import BaseCog
from tux.core.hybrid import hybrid_command
from tux.database.models import Case, CaseKind, CaseStatus
from tux.modules.moderation.acts import Act, Acts
from tux.modules.moderation.durations import Duration  # noqa: TC001  # discord.py reads it
from tux.modules.moderation.rules import check_target
from tux.modules.moderation.views import embed_of_case, embed_of_cases, embed_of_outcome
from tux.services.sentry import capture_database_error
from tux.shared.exceptions import TuxDatabaseError

if TYPE_CHECKING:
    from datetime import timedelta

    from tux.core.bot import Tux
    from tux.core.context import TuxContext

LISTED = 10
MAX_REASON = 1000


class Moderation(BaseCog):
    """Ban, unban, kick, warn, and look cases up."""

    def __init__(self, bot: Tux) -> None:
        super().__init__(bot)
        self.acts = Acts(self.db)

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(ban_members=True)
    @commands.bot_has_permissions(ban_members=True)
    async def ban(
        self,
        ctx: TuxContext,
        user: discord.User,
        duration: Duration | None = None,
        *,
        reason: str = "",
    ) -> None:
        """Ban somebody, also by id; with a duration the ban is lifted by itself.

        Args:
            ctx: where it was asked.
            user: whom.
            duration: how long, 30m or 2d12h; without it for ever.
            reason: why, for the case, the audit log and the member.
        """
        guild, moderator = await _begin(ctx)
        async with self.acts.lock(guild, user):
            target = guild.get_member(user.id) or user
            check_target(moderator, target, guild.me)
            if await _is_banned(guild, user):
                await ctx.send(await self._already_banned(guild, user))
                return
            # discord.py has made it a time span; to the type checker it is its converter.
            span: timedelta | None = duration  # type: ignore[assignment]
            await self._act(
                ctx,
                Act(
                    CaseKind.TEMPBAN if span else CaseKind.BAN,
                    guild,
                    moderator,
                    target,
                    reason[:MAX_REASON],
                    # Discord's default is a day of messages: what is deleted cannot be looked at.
                    lambda why: guild.ban(user, reason=why, delete_message_seconds=0),
                    datetime.now(UTC) + span if span else None,
                ),
            )

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(ban_members=True)
    @commands.bot_has_permissions(ban_members=True)
    async def unban(self, ctx: TuxContext, user: discord.User, *, reason: str = "") -> None:
        """Lift somebody's ban.

        Args:
            ctx: where it was asked.
            user: whom, by name or id.
            reason: why.
        """
        guild, moderator = await _begin(ctx)
        async with self.acts.lock(guild, user):
            if not await _is_banned(guild, user):
                await ctx.send(f"{user} is not banned.")
                return
            deed = partial(self._unban, guild, user)
            await self._act(
                ctx, Act(CaseKind.UNBAN, guild, moderator, user, reason[:MAX_REASON], deed)
            )

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(kick_members=True)
    @commands.bot_has_permissions(kick_members=True)
    async def kick(self, ctx: TuxContext, member: discord.Member, *, reason: str = "") -> None:
        """Send somebody out of the server.

        Args:
            ctx: where it was asked.
            member: whom.
            reason: why, for the case, the audit log and the member.
        """
        guild, moderator = await _begin(ctx)
        async with self.acts.lock(guild, member):
            check_target(moderator, member, guild.me)
            deed = partial(_kick, member)
            await self._act(
                ctx, Act(CaseKind.KICK, guild, moderator, member, reason[:MAX_REASON], deed)
            )

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(moderate_members=True)
    async def warn(self, ctx: TuxContext, member: discord.Member, *, reason: str) -> None:
        """Warn somebody, and remember it.

        Args:
            ctx: where it was asked.
            member: whom.
            reason: why.
        """
        guild, moderator = await _begin(ctx)
        async with self.acts.lock(guild, member):
            check_target(moderator, member, guild.me)
            await self._act(
                ctx, Act(CaseKind.WARN, guild, moderator, member, reason[:MAX_REASON], _nothing)
            )

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(moderate_members=True)
    async def case(self, ctx: TuxContext, number: commands.Range[int, 1]) -> None:
        """Show one case.

        Args:
            ctx: where it was asked.
            number: which one.
        """
        guild, _ = await _begin(ctx)
        found = await self.db.case.find_one((Case.guild_id == guild.id, Case.number == number))
        if found is None:
            raise commands.BadArgument(f"There is no case {number}.")
        await ctx.send(embed=embed_of_case(found))

    @hybrid_command()
    @commands.guild_only()
    @commands.has_permissions(moderate_members=True)
    async def cases(self, ctx: TuxContext, user: discord.User | None = None) -> None:
        """List the latest cases, of somebody or of all.

        Args:
            ctx: where it was asked.
            user: whose; without it everybody's.
        """
        guild, _ = await _begin(ctx)
        filters = [Case.guild_id == guild.id]
        if user is not None:
            filters.append(Case.user_id == user.id)
        found = await self.db.case.find_all(filters, order_by=col(Case.number).desc(), limit=LISTED)
        whose = f" of {user}" if user else ""
        await ctx.send(embed=embed_of_cases(found, f"Latest cases{whose}"))

    async def _act(self, ctx: TuxContext, act: Act) -> None:
        outcome = await self.acts.carry_out(act)
        embed = embed_of_outcome(act, outcome)
        await ctx.send(embed=embed)
        await self._log(act.guild, embed)

    async def _log(self, guild: discord.Guild, embed: discord.Embed) -> None:
        """Note it in the channel that the server has chosen; the act is done without it, too."""
        try:
            row = await self.db.guild.get(guild.id)
        except TuxDatabaseError:
            return  # told with the case itself
        channel = guild.get_channel(row.mod_log_channel_id or 0) if row else None
        if isinstance(channel, discord.TextChannel):
            try:
                await channel.send(embed=embed)
            except discord.HTTPException as error:
                logger.warning("the moderation log cannot be written: {}", error.code)

    async def _already_banned(self, guild: discord.Guild, user: discord.User) -> str:
        bans = await self.db.case.find_all(
            (
                Case.guild_id == guild.id,
                Case.user_id == user.id,
                col(Case.kind).in_((CaseKind.BAN, CaseKind.TEMPBAN)),
                Case.status == CaseStatus.ACTIVE,
            ),
            order_by=col(Case.number).desc(),
            limit=1,
        )
        return f"{user} is banned already{f', see case {bans[0].number}' if bans else ''}."

    async def _unban(self, guild: discord.Guild, user: discord.User, reason: str) -> None:
        await guild.unban(user, reason=reason)
        await self._close_bans(guild, user)

    async def _close_bans(self, guild: discord.Guild, user: discord.User) -> None:
        try:
            for ban in await self.db.case.find_all(
                (
                    Case.guild_id == guild.id,
                    Case.user_id == user.id,
                    Case.status == CaseStatus.ACTIVE,
                )
            ):
                await self.db.case.update(
                    ban.id or 0, status=CaseStatus.CLOSED.value, closed_at=datetime.now(UTC)
                )
        except TuxDatabaseError as error:
            capture_database_error(error)


async def _begin(ctx: TuxContext) -> tuple[discord.Guild, discord.Member]:
    """Win the time that Discord gives for an answer, and say where and who."""
    await ctx.defer()
    assert ctx.guild is not None  # noqa: S101  # guild_only
    assert isinstance(ctx.author, discord.Member)  # noqa: S101  # guild_only
    return ctx.guild, ctx.author


async def _is_banned(guild: discord.Guild, user: discord.abc.Snowflake) -> bool:
    try:
        await guild.fetch_ban(user)
    except discord.NotFound:
        return False
    return True


async def _kick(member: discord.Member, reason: str) -> None:
    await member.kick(reason=reason)


async def _nothing(_reason: str) -> None:
    """Do nothing on Discord: a warning is a message and a case."""


async def setup(bot: Tux) -> None:
    """Add the cog, as discord.py asks of an extension."""
    await bot.add_cog(Moderation(bot))
