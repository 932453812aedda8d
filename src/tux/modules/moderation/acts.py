"""Carrying out one act of moderation: case, message, deed, and what came of each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

import discord
from loguru import logger

from tux.database.models import CaseKind, CaseStatus
from tux.services.sentry import capture_database_error, set_tag, start_span
from tux.shared.exceptions import TuxDatabaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from tux.database.models import Case
    from tux.database.service import DatabaseService

MAX_AUDIT_REASON: Final = 512
PAST: Final = {
    CaseKind.BAN: "banned from",
    CaseKind.TEMPBAN: "banned from",
    CaseKind.UNBAN: "unbanned from",
    CaseKind.KICK: "kicked from",
    CaseKind.WARN: "warned in",
}


@dataclass(frozen=True, slots=True)
class Act:
    """What a moderator wants done."""

    kind: CaseKind
    guild: discord.Guild
    moderator: discord.Member
    target: discord.User | discord.Member
    reason: str
    deed: Callable[[str], Awaitable[object]]
    """Does it on Discord; is given the reason for the audit log."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, for the moderator to read."""

    case: Case | None
    """None where the database was away: it was done all the same."""
    told: bool | None
    """Whether the target got the message; None where none was tried."""
    event_id: str | None = None
    """Why the case was not recorded."""


@dataclass
class Acts:
    """Carries acts out, one at a time for each target: two moderators at once make one case each."""

    db: DatabaseService
    _locks: WeakValueDictionary[tuple[int, int], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    def lock(self, guild: discord.Guild, target: discord.abc.Snowflake) -> asyncio.Lock:
        """Give the lock of a target; hold it from the first check to the end."""
        key = (guild.id, target.id)
        found = self._locks.get(key)
        if found is None:
            found = self._locks[key] = asyncio.Lock()
        return found

    async def carry_out(self, act: Act) -> Outcome:
        """Record, tell, do, and settle the case.

        The target is told first: afterwards there may be no server in common. A closed door does
        not stop the act, nor does a database that is away: a record can be made later.

        Raises:
            discord.HTTPException: Discord refused the deed; the case is void.
        """
        case, event_id = await self._record(act)
        told = await _tell(act)
        try:
            await act.deed(_audit_reason(act, case))
        except discord.HTTPException:
            await self._settle(case, CaseStatus.VOID)
            raise
        lasting = act.kind in (CaseKind.BAN, CaseKind.TEMPBAN)
        case = await self._settle(case, CaseStatus.ACTIVE if lasting else CaseStatus.CLOSED)
        return Outcome(case, told, event_id)

    async def _record(self, act: Act) -> tuple[Case | None, str | None]:
        facts = {
            "guild_id": act.guild.id,
            "kind": act.kind.value,
            "user_id": act.target.id,
            "moderator_id": act.moderator.id,
            "expires_at": act.expires_at,
        }
        try:
            await self.db.guild.get_or_create(act.guild.id, name=act.guild.name[:100])
            await self.db.user.get_or_create(act.target.id, name=act.target.name[:100])
            case = await self.db.case.create(
                **facts, reason=act.reason, status=CaseStatus.PENDING.value
            )
        except TuxDatabaseError as error:
            # The ids are what is needed to record it by hand; the reason stays at home.
            logger.error("case NOT recorded: {}", facts)
            return None, capture_database_error(error)
        set_tag("case", f"{act.guild.id}-{case.number}")
        return case, None

    async def _settle(self, case: Case | None, status: CaseStatus) -> Case | None:
        if case is None or case.id is None:
            return case
        try:
            return await self.db.case.update(case.id, status=status.value) or case
        except TuxDatabaseError as error:
            logger.error("case {} of guild {} is left pending", case.number, case.guild_id)
            capture_database_error(error)
            return case


async def _tell(act: Act) -> bool | None:
    """Send the target a message, and say whether it arrived."""
    if not isinstance(act.target, discord.Member) or act.target.bot or act.kind is CaseKind.UNBAN:
        return None
    text = f"You were {PAST[act.kind]} **{discord.utils.escape_markdown(act.guild.name)}**"
    if act.expires_at is not None:
        text += f" until {discord.utils.format_dt(act.expires_at)}"
    with start_span(op="function", description="tell the member") as span:
        try:
            await act.target.send(f"{text}.\nReason: {act.reason or 'none given'}"[:2000])
        except discord.HTTPException as error:
            # Closed direct messages are a choice, not a fault.
            span.set_data("refused", error.code)
            return False
        return True


def _audit_reason(act: Act, case: Case | None) -> str:
    number = f"case {case.number}" if case else "not recorded"
    return f"{act.moderator} ({act.moderator.id}), {number}: {act.reason}"[:MAX_AUDIT_REASON]
