"""Ban and unban, as moderators expect them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tux.core.errors import NOT_REPORTED
from tux.database.models import CaseStatus
from tux.database.service import DatabaseService
from tux.simulator import Fault, Permission

if TYPE_CHECKING:
    from tests.fakes.world import World

    from tux.simulator import Member, Reply


def refused(reply: Reply) -> str:
    """Give the text of a kind answer to a mistake."""
    (embed,) = reply.embeds
    assert embed["footer"]["text"] == NOT_REPORTED
    return str(embed["description"])


def field(reply: Reply, name: str) -> str | None:
    """Give a field of the outcome."""
    (embed,) = reply.embeds
    return next((one["value"] for one in embed["fields"] if one["name"] == name), None)


async def test_a_member_is_banned(world: World, moderator: Member, member: Member) -> None:
    """A ban tells the member, reaches Discord with case and moderator, and is a case."""
    reply = await world.say(moderator, f"!ban {member.mention} too much noise")
    assert reply.embeds[0]["title"] == "Ban (case 1)"
    assert field(reply, "Message") == "delivered"
    assert not member.is_in_guild
    audit = world.guild.bans[member.id]
    assert audit is not None
    assert "case 1" in audit
    assert moderator.name in audit
    assert "too much noise" in audit
    (message,) = world.local.dms_of(member)
    assert "Penguins" in message.content
    (case,) = await world.db.case.find_all()
    assert (case.user_id, case.moderator_id, case.kind) == (member.id, moderator.id, "ban")
    assert (case.status, case.reason) == (CaseStatus.ACTIVE, "too much noise")


async def test_messages_are_kept(world: World, moderator: Member, member: Member) -> None:
    """A ban deletes no messages: what is gone cannot be looked at."""
    await world.slash(moderator, "ban", user=member, reason="noise")
    (request,) = [
        one
        for one in world.local.requests
        if one.route == "/guilds/{guild_id}/bans/{user_id}" and one.method == "PUT"
    ]
    assert request.query.get("delete_message_seconds") == "0"


async def test_a_closed_door_does_not_stop_a_ban(
    world: World, moderator: Member, member: Member
) -> None:
    """A member who takes no messages is banned all the same, and the moderator is told."""
    await member.set_dms(open=False)
    reply = await world.slash(moderator, "ban", user=member)
    assert field(reply, "Message") == "failed"
    assert member.id in world.guild.bans


async def test_somebody_who_is_not_there_is_banned_by_id(world: World, moderator: Member) -> None:
    """A user who has left is banned by id, without a message."""
    gone = world.guild.add_member("gone")
    await gone.leave()
    reply = await world.say(moderator, f"!ban {gone.id} raid")
    assert field(reply, "Message") is None
    assert gone.id in world.guild.bans


async def test_a_second_ban_makes_no_second_case(
    world: World, moderator: Member, member: Member
) -> None:
    """Whoever is banned already is named with the case, and no case is added."""
    await world.say(moderator, f"!ban {member.mention}")
    reply = await world.say(moderator, f"!ban {member.id}")
    assert "banned already, see case 1" in reply.content
    assert await world.db.case.count() == 1


async def test_two_moderators_at_once_make_one_case(
    world: World, moderator: Member, member: Member
) -> None:
    """Two bans of one member in the same moment are one ban and one case."""
    other = world.guild.add_member("kowalski", roles=moderator.roles)
    replies = await asyncio.gather(
        world.slash(moderator, "ban", user=member), world.slash(other, "ban", user=member)
    )
    assert sum("banned already" in reply.content for reply in replies) == 1
    assert await world.db.case.count() == 1


@pytest.mark.parametrize("target", ["self", "bot", "owner", "equal", "above bot"])
async def test_hierarchy_is_told_by_name(world: World, moderator: Member, target: str) -> None:
    """Each rule that forbids a ban is named, and nothing reaches Discord or the database."""
    equal = world.guild.add_member("equal", roles=moderator.roles)
    high = world.guild.add_member("high", roles=[world.guild.add_role("high")])
    who, words = {
        "self": (moderator, "yourself"),
        "bot": (world.guild.me, "myself"),
        "owner": (world.guild.owner, "owner"),
        "equal": (equal, "not below yours"),
        "above bot": (high, "not below"),
    }[target]
    assert words in refused(await world.say(moderator, f"!ban {who.id}"))
    assert world.guild.bans == {}
    assert await world.db.case.count() == 0


async def test_a_role_above_the_bot_is_told_to_the_owner(world: World) -> None:
    """The owner, whom no hierarchy stops, is told to move the bot's role up."""
    high = world.guild.add_member("high", roles=[world.guild.add_role("high")])
    assert "not below mine" in refused(await world.say(world.guild.owner, f"!ban {high.id}"))


async def test_a_member_may_not_ban(world: World, member: Member) -> None:
    """Somebody without the right is told which one it needs."""
    other = world.guild.add_member("other")
    assert "ban members" in refused(await world.say(member, f"!ban {other.mention}"))
    assert world.guild.bans == {}


async def test_a_bot_without_the_right_says_so(
    world: World, moderator: Member, member: Member
) -> None:
    """A bot that may not ban says what it needs."""
    world.guild.bot_role.permissions &= ~int(Permission.BAN_MEMBERS)
    assert "I need: ban members" in refused(await world.say(moderator, f"!ban {member.mention}"))


async def test_a_ban_that_discord_refuses_leaves_a_void_case(
    world: World, moderator: Member, member: Member
) -> None:
    """A ban that fails at Discord is answered, and its case is void."""
    world.local.faults.add(
        Fault(method="PUT", path="/guilds/{guild_id}/bans/{user_id}", status=400, code=50035)
    )
    reply = await world.say(moderator, f"!ban {member.mention}")
    assert reply.embeds[0]["title"] == "Something went wrong"
    (case,) = await world.db.case.find_all()
    assert case.status == CaseStatus.VOID
    assert world.guild.bans == {}


async def test_a_database_that_is_away_does_not_stop_a_ban(
    world: World, moderator: Member, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ban is done, and the moderator reads that the case was not recorded."""
    monkeypatch.setattr(world.db.case, "_sessions", away(world))
    monkeypatch.setattr(world.db.guild, "_sessions", away(world))
    reply = await world.say(moderator, f"!ban {member.mention}")
    assert "NOT recorded" in reply.embeds[0]["description"]
    assert member.id in world.guild.bans


def away(world: World) -> object:
    """Give the sessions of a database that nobody serves."""
    return DatabaseService("postgresql://nobody@127.0.0.1:1/none")._sessions


async def test_a_temporary_ban_knows_its_end(
    world: World, moderator: Member, member: Member
) -> None:
    """A ban with a duration has an end; one without takes the word as its reason."""
    reply = await world.say(moderator, f"!ban {member.mention} 2d12h noise")
    assert reply.embeds[0]["title"] == "Tempban (case 1)"
    (case,) = await world.db.case.find_all()
    assert case.expires_at is not None
    assert round((case.expires_at - case.created_at).total_seconds() / 3600) == 60
    assert case.reason == "noise"


async def test_a_reason_is_no_duration(world: World, moderator: Member, member: Member) -> None:
    """A first word that is no duration, a number too, belongs to the reason."""
    await world.say(moderator, f"!ban {member.mention} 3 times too loud")
    (case,) = await world.db.case.find_all()
    assert (case.kind, case.reason) == ("ban", "3 times too loud")


async def test_a_bad_duration_is_explained(world: World, moderator: Member, member: Member) -> None:
    """A slash command with a duration that is none says how to write one."""
    reply = await world.slash(moderator, "ban", user=member, duration="soon")
    assert "30m" in refused(reply)
    assert world.guild.bans == {}


async def test_an_unban_closes_the_case(world: World, moderator: Member, member: Member) -> None:
    """An unban lifts the ban, is a case of its own, and closes the ban's."""
    await world.say(moderator, f"!ban {member.mention}")
    reply = await world.slash(moderator, "unban", user=member, reason="sorry")
    assert reply.embeds[0]["title"] == "Unban (case 2)"
    assert world.guild.bans == {}
    cases = await world.db.case.find_all()
    assert {case.status for case in cases} == {CaseStatus.CLOSED}


async def test_an_unban_of_somebody_free_says_so(
    world: World, moderator: Member, member: Member
) -> None:
    """Whoever is not banned cannot be unbanned."""
    reply = await world.say(moderator, f"!unban {member.id}")
    assert "is not banned" in reply.content
    assert await world.db.case.count() == 0
