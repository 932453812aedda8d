"""Who may act on whom. Pure: members in, a sentence out."""

from __future__ import annotations

import discord

from tux.shared.exceptions import TuxPermissionError


def check_target(
    moderator: discord.Member, target: discord.User | discord.Member, bot_member: discord.Member
) -> None:
    """Check that a moderator, and the bot for him, may act on somebody.

    Discord refuses some of this by itself, without saying why; people want to know which rule it
    was, and before a message tells the target of what is then not done.

    Raises:
        TuxPermissionError: names the rule that says no.
    """
    guild = moderator.guild
    if target.id == moderator.id:
        raise TuxPermissionError("You cannot do that to yourself.")
    if target.id == bot_member.id:
        raise TuxPermissionError("I will not do that to myself.")
    if target.id == guild.owner_id:
        raise TuxPermissionError("Nobody can do that to the server's owner.")
    if not isinstance(target, discord.Member):
        return
    if moderator.id != guild.owner_id and target.top_role >= moderator.top_role:
        raise TuxPermissionError(
            f"{target.display_name}'s highest role, {target.top_role.name}, is not below yours."
        )
    if target.top_role >= bot_member.top_role:
        raise TuxPermissionError(
            f"{target.display_name}'s highest role, {target.top_role.name}, is not below mine: "
            "move my role up."
        )
