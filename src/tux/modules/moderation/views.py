"""Cases and outcomes, as moderators read them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tux.database.models import Case
    from tux.modules.moderation.acts import Act, Outcome

MAX_REASON = 200
MAX_FIELD = 1024


def embed_of_outcome(act: Act, outcome: Outcome) -> discord.Embed:
    """Say what was done, and what of it was not."""
    number = f" (case {outcome.case.number})" if outcome.case else ""
    colour = discord.Colour.green() if outcome.case else discord.Colour.orange()
    embed = discord.Embed(title=f"{act.kind.value.capitalize()}{number}", colour=colour)
    embed.add_field(name="Member", value=f"{act.target.mention} ({act.target.id})")
    embed.add_field(name="Reason", value=act.reason[:MAX_FIELD] or "none given")
    if act.expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(act.expires_at))
    if outcome.told is not None:
        embed.add_field(name="Message", value="delivered" if outcome.told else "failed")
    if outcome.case is None:
        embed.description = "**The case was NOT recorded:** the database is away."
        if outcome.event_id:
            embed.set_footer(text=f"Case not recorded, event {outcome.event_id}")
    return embed


def embed_of_case(case: Case) -> discord.Embed:
    """Show one case, whole."""
    embed = discord.Embed(title=f"Case {case.number}: {case.kind}", timestamp=case.created_at)
    embed.add_field(name="Member", value=f"<@{case.user_id}> ({case.user_id})")
    embed.add_field(name="Moderator", value=f"<@{case.moderator_id}>")
    embed.add_field(name="Status", value=case.status)
    embed.add_field(name="Reason", value=case.reason[:MAX_FIELD] or "none given", inline=False)
    if case.expires_at is not None:
        embed.add_field(name="Until", value=discord.utils.format_dt(case.expires_at))
    return embed


def embed_of_cases(cases: Sequence[Case], title: str) -> discord.Embed:
    """List cases, a line each."""
    lines = [
        f"**{case.number}** {case.kind} <@{case.user_id}> "
        f"{discord.utils.format_dt(case.created_at, 'R')} {case.status}"
        f"{': ' + case.reason[:MAX_REASON] if case.reason else ''}"
        for case in cases
    ]
    return discord.Embed(title=title, description="\n".join(lines)[:4000] or "No cases.")
