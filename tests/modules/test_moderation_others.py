"""Kick, warn, and looking cases up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tux.core.errors import NOT_REPORTED
from tux.simulator import Permission

if TYPE_CHECKING:
    from tests.fakes.world import World

    from tux.simulator import Member


async def test_a_kick(world: World, moderator: Member, member: Member) -> None:
    """A kick sends the member out, tells him, and is a closed case."""
    reply = await world.slash(moderator, "kick", member=member, reason="nap")
    assert reply.embeds[0]["title"] == "Kick (case 1)"
    assert not member.is_in_guild
    assert world.guild.bans == {}
    assert len(world.local.dms_of(member)) == 1


async def test_a_warning(world: World, moderator: Member, member: Member) -> None:
    """A warning is a message and a case, and nothing else."""
    await world.say(moderator, f"!warn {member.mention} splash")
    assert member.is_in_guild
    (message,) = world.local.dms_of(member)
    assert "splash" in message.content


async def test_a_warning_needs_a_reason(world: World, moderator: Member, member: Member) -> None:
    """A command without what it needs says what is missing."""
    reply = await world.say(moderator, f"!warn {member.mention}")
    assert "`reason` is missing" in reply.embeds[0]["description"]


async def test_cases_are_listed_and_shown(world: World, moderator: Member, member: Member) -> None:
    """Cases are listed latest first, by member too, and shown one by one."""
    other = world.guild.add_member("other")
    await world.say(moderator, f"!warn {member.mention} first")
    await world.say(moderator, f"!warn {other.mention} second")
    listed = (await world.slash(moderator, "cases")).embeds[0]["description"]
    assert listed.index("second") < listed.index("first")
    listed = (await world.slash(moderator, "cases", user=member)).embeds[0]["description"]
    assert "second" not in listed
    shown = (await world.say(moderator, "!case 2")).embeds[0]
    assert shown["title"] == "Case 2: warn"
    missing = (await world.say(moderator, "!case 3")).embeds[0]
    assert missing["footer"]["text"] == NOT_REPORTED


async def test_the_moderation_log(world: World, moderator: Member, member: Member) -> None:
    """What moderators do is noted in the channel that the server has chosen."""
    log = world.guild.add_text_channel("log")
    role = world.guild.add_role("admins", permissions=int(Permission.MANAGE_GUILD))
    admin = world.guild.add_member("admin", roles=[role])
    await world.slash(admin, "setup modlog", channel=log)
    await world.say(moderator, f"!warn {member.mention} splash")
    while not (noted := [one for one in world.local.requests if str(log.id) in one.path]):  # noqa: ASYNC110  # it comes after the answer
        await asyncio.sleep(0.01)
    assert [one.method for one in noted] == ["POST"]


async def test_a_server_has_its_own_prefix(world: World, member: Member) -> None:
    """A new prefix works at once, and the old one no longer does."""
    role = world.guild.add_role("admins", permissions=int(Permission.MANAGE_GUILD))
    admin = world.guild.add_member("admin", roles=[role])
    await world.say(admin, "!setup prefix ?")
    assert "Pong" in (await world.say(member, "?ping")).content
    shown = (await world.slash(admin, "setup show")).embeds[0]
    assert "?" in shown["fields"][0]["value"]


async def test_what_is_not_set_up_is_named(world: World) -> None:
    """The owner learns the name of the setting that is missing."""
    owner = world.guild.owner
    reply = await world.say(owner, "!setup check")
    assert "BOT_REPORT_CHANNEL_ID" in reply.embeds[0]["description"]
