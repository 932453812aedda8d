"""Bans, kicks and messages, refused where Discord refuses them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import discord
import pytest
from tests.simulator.conftest import Running, new_bot, until

from tux.simulator import Overwrite, Permission

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tux.simulator import LocalDiscord


async def refused(code: int, asked: Awaitable[object]) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await asked
    assert caught.value.code == code, caught.value


async def test_a_ban_is_done_and_told(local: LocalDiscord, running: Running) -> None:
    """A ban removes, tells why, deletes what was said lately, and can be lifted once."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada = guild.add_member("ada")
    bot = new_bot()
    seen: list[str] = []

    @bot.event
    async def on_member_ban(where: discord.Guild, user: discord.User) -> None:
        seen.append(f"ban {user.id}")

    @bot.event
    async def on_raw_member_remove(payload: discord.RawMemberRemoveEvent) -> None:
        seen.append(f"remove {payload.user.id}")

    async with running(bot):
        await ada.say(channel, "spam")
        there = bot.get_guild(guild.id)
        assert there is not None
        target = discord.Object(ada.id)
        await there.ban(target, reason="spam é", delete_message_seconds=60)
        assert guild.bans == {ada.id: "spam é"}
        assert not ada.is_in_guild
        assert channel.messages == {}
        await until(lambda: len(seen) == 2)
        assert sorted(seen) == [f"ban {ada.id}", f"remove {ada.id}"]
        request = next(one for one in local.requests if one.method == "PUT")
        assert request.route == "/guilds/{guild_id}/bans/{user_id}"
        assert request.path == f"/guilds/{guild.id}/bans/{ada.id}"
        assert request.query == {"delete_message_seconds": "60"}
        assert request.reason == "spam é"
        assert (await there.fetch_ban(target)).reason == "spam é"
        assert [entry.user.id async for entry in there.bans()] == [ada.id]
        await there.unban(target)
        assert guild.bans == {}
        await refused(10026, there.unban(target))
        await refused(10026, there.fetch_ban(target))
        await refused(10013, there.ban(discord.Object(1)))
        await refused(10007, there.kick(target))
        await refused(50035, there.ban(target, delete_message_seconds=604_801))


async def test_hierarchy_and_permissions_hold(local: LocalDiscord, running: Running) -> None:
    """The bot acts only below its role, never on the owner, and only as its role allows."""
    guild = local.add_guild("Penguins")
    high = guild.add_member("high", roles=[guild.add_role("high")])
    low = guild.add_member("low")
    bot = new_bot()
    async with running(bot):
        there = bot.get_guild(guild.id)
        assert there is not None
        await refused(50013, there.ban(discord.Object(high.id)))
        await refused(50013, there.kick(discord.Object(guild.owner.id)))
        guild.bot_role.position = 9
        await there.kick(discord.Object(high.id), reason="nap")
        assert not high.is_in_guild
        assert guild.bans == {}
        guild.bot_role.permissions = 0
        await until(lambda: not there.me.guild_permissions.ban_members)
        for asked in (there.ban, there.kick):
            await refused(50013, asked(discord.Object(low.id)))


async def test_a_member_is_edited(local: LocalDiscord, running: Running) -> None:
    """Names, time-outs and roles change as far as the bot's role reaches."""
    guild = local.add_guild("Penguins")
    role, above = guild.add_role("fish"), guild.add_role("above")
    guild.bot_role.position = role.position
    role.position = 1
    guild.bot_role.position = 2
    above.position = 3
    ada = guild.add_member("ada")
    bot = new_bot()
    async with running(bot):
        there = bot.get_guild(guild.id)
        assert there is not None
        member = await there.fetch_member(ada.id)
        await member.edit(nick="Countess")
        await member.timeout(dt.timedelta(minutes=5))
        assert ada.nick == "Countess"
        assert ada.timed_out_until is not None
        await member.add_roles(discord.Object(role.id))
        assert ada.roles == [role]
        await member.remove_roles(discord.Object(role.id))
        assert ada.roles == []
        await member.edit(roles=[discord.Object(role.id)])
        assert ada.roles == [role]
        await refused(50013, member.add_roles(discord.Object(above.id)))
        await refused(10011, member.add_roles(discord.Object(1)))
        await there.me.edit(nick="me")
        assert guild.me.nick == "me"


async def test_direct_messages_may_be_closed(local: LocalDiscord, running: Running) -> None:
    """A direct message arrives, is refused at a closed door, and without a common guild."""
    guild = local.add_guild("Penguins")
    ada = guild.add_member("ada")
    bot = new_bot()
    async with running(bot):
        user = await bot.fetch_user(ada.id)
        await user.send("hello")
        assert [message.content for message in local.dms_of(ada)] == ["hello"]
        await ada.set_dms(open=False)
        await refused(50007, user.send("hello?"))
        await ada.set_dms(open=True)
        await ada.leave()
        await refused(50278, user.send("still there?"))
        assert len(local.dms_of(ada.user)) == 1
        assert local.dms_of(local.owner) == []
        await refused(10013, bot.fetch_user(1))


async def test_messages_are_checked(local: LocalDiscord, running: Running) -> None:
    """What is empty, too long, elsewhere or another's is refused."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    hidden = guild.add_text_channel("hidden", [Overwrite(guild.id, deny=Permission.VIEW_CHANNEL)])
    silent = guild.add_text_channel(
        "silent", [Overwrite(guild.me.id, deny=Permission.SEND_MESSAGES, is_member=True)]
    )
    ada = guild.add_member("ada")
    bot = new_bot()
    long = discord.Embed(description="x" * 4097)
    async with running(bot):
        said = (await ada.say(channel, "hi")).message
        assert said is not None
        here, there, nowhere = (
            bot.get_partial_messageable(number) for number in (channel.id, silent.id, 1)
        )
        checks: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (50006, lambda: here.send("")),
            (50035, lambda: here.send("x" * 2001)),
            (50035, lambda: here.send(embed=long)),
            (
                50035,
                lambda: here.send(
                    "re", reference=discord.MessageReference(message_id=1, channel_id=channel.id)
                ),
            ),
            (50013, lambda: there.send("hi")),
            (50001, lambda: bot.fetch_channel(hidden.id)),
            (10003, lambda: nowhere.send("hi")),
            (10008, lambda: here.fetch_message(1)),
            (50005, lambda: here.get_partial_message(said.id).edit(content="mine")),
            (10004, lambda: bot.fetch_guild(1)),
        ]
        for code, ask in checks:
            await refused(code, ask())
        mine = await here.send("one")
        await mine.edit(content="two")
        await mine.add_reaction("👍")
        assert channel.messages[mine.id].content == "two"
        assert [one.content async for one in here.history()] == ["two", "hi"]
        await mine.delete()
        await here.get_partial_message(said.id).delete()
        assert channel.messages == {}
        sent = await here.send(file=discord.File(__file__))
        assert sent.attachments[0].filename == "test_simulator_moderation.py"
