"""What members do with messages that are there, as a real discord.py bot hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord.ext import commands
from tests.simulator.conftest import Running, until

from tux.simulator import ImpossibleActError, LocalDiscord, Overwrite, Permission, Reply
from tux.simulator.errors import ApiError

if TYPE_CHECKING:
    from tux.simulator import Act, Message

OWN = "<a:tux:190000000000000077>"


class Listening(commands.Bot):
    """Notes what it hears, answers thumbs and edits, and runs commands again that were edited."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__("!", intents=intents or discord.Intents.all(), guild_ready_timeout=0.05)
        self.heard: list[str] = []

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        who = payload.member.name if payload.member else "nobody"
        self.heard.append(f"raw add {payload.emoji.name} {who}")

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        self.heard.append(f"raw remove {payload.emoji.name}")

    async def on_reaction_add(
        self, reaction: discord.Reaction, user: discord.Member | discord.User
    ) -> None:
        self.heard.append(f"add {reaction.emoji} {user.name}")
        if reaction.emoji == "👍":
            await reaction.message.reply(f"thanks {user.name}")
        if reaction.emoji == "👋":
            await reaction.message.channel.send(f"hello {user.name}")

    async def on_reaction_remove(
        self, reaction: discord.Reaction, user: discord.Member | discord.User
    ) -> None:
        self.heard.append(f"remove {reaction.emoji} {user.name}")

    async def on_reaction_clear(
        self, message: discord.Message, reactions: list[discord.Reaction]
    ) -> None:
        self.heard.append(f"clear {len(reactions)}")

    async def on_reaction_clear_emoji(self, reaction: discord.Reaction) -> None:
        self.heard.append(f"clear {reaction.emoji}")

    async def on_message_edit(self, before: discord.Message, after: discord.Message) -> None:
        self.heard.append(f"{before.content} → {after.content}")
        await self.process_commands(after)

    async def on_message_delete(self, message: discord.Message) -> None:
        self.heard.append(f"gone: {message.content}")

    async def on_member_join(self, member: discord.Member) -> None:
        self.heard.append(f"{member.name} joins {member.guild.name}")


def message_of(act: Act) -> Message:
    assert act.message is not None
    return act.message


async def test_a_reaction_is_heard(local: LocalDiscord, running: Running) -> None:
    """Reactions and their removal reach both kinds of listeners, in guilds and in messages."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    bot = Listening()
    async with running(bot):
        said = message_of(await ada.say(channel, "fish?"))
        await ada.react(said, "🐟")
        await bob.react(said, "🐟")
        await bob.react(said, OWN)
        await bob.unreact(said, "🐟")
        await until(lambda: len(bot.heard) == 8)
        assert bot.heard == [
            "raw add 🐟 ada",
            "add 🐟 ada",
            "raw add 🐟 bob",
            "add 🐟 bob",
            "raw add tux bob",
            f"add {OWN} bob",
            "raw remove 🐟",
            "remove 🐟 bob",
        ]
        bot.heard.clear()
        await ada.react(message_of(await ada.say(ada.dm_channel, "hi")), "🐟")
        await until(lambda: len(bot.heard) == 2)
        assert bot.heard == ["raw add 🐟 nobody", "add 🐟 ada"]


async def test_a_reaction_is_answered(local: LocalDiscord, running: Running) -> None:
    """An answer to a reaction is found with and without a reference, whoever wrote the message."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    bot = Listening()
    bot.command(name="ask")(ask)
    async with running(bot):
        asked = await ada.say(channel, "!ask")
        shown = await local.reply_to(asked)
        for who in (ada, bob):
            thumb = await who.react(shown, "👍")
            assert (await local.reply_to(thumb)).content == f"thanks {who.name}"
        wave = await ada.react(message_of(asked), "👋")
        assert (await local.reply_to(wave)).content == "hello ada"
        assert [reply.content for reply in local.replies_to(asked)] == ["well?"]


async def ask(ctx: commands.Context[commands.Bot]) -> None:
    await ctx.reply("well?")


async def test_the_bot_reacts(local: LocalDiscord, running: Running) -> None:
    """Reactions of the bot are kept, shown, listed, heard by itself, and taken off again."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada = guild.add_member("ada")
    bot = Listening()
    async with running(bot):
        here = bot.get_partial_messageable(channel.id)
        said = message_of(await ada.say(channel, "fish?"))
        there = here.get_partial_message(said.id)
        await there.add_reaction("🐟")
        await there.add_reaction("🐟")
        await there.add_reaction(OWN)
        await ada.react(said, "🐟")
        fish, own = (await here.fetch_message(said.id)).reactions
        assert (fish.emoji, fish.count, fish.me) == ("🐟", 2, True)
        assert str(own.emoji) == OWN
        assert {user.id async for user in fish.users()} == {ada.id, local.bot_user.id}
        await fish.remove(discord.Object(ada.id))
        await there.remove_reaction(OWN, discord.Object(local.bot_user.id))
        assert [list(one.users) for one in said.reactions.values()] == [[local.bot_user.id]]
        await there.clear_reaction("🐟")
        await there.clear_reaction("🐟")
        await there.add_reaction("🐟")
        await there.clear_reactions()
        assert said.reactions == {}
        await until(lambda: "clear 1" in bot.heard)
        assert [what for what in bot.heard if not what.startswith("raw")] == [
            "add 🐟 local-bot",
            f"add {OWN} local-bot",
            "add 🐟 ada",
            "remove 🐟 ada",
            f"remove {OWN} local-bot",
            "clear 🐟",
            "add 🐟 local-bot",
            "clear 1",
        ]
        with pytest.raises(discord.HTTPException, match="Unknown Emoji"):
            await there.add_reaction("thumbs")
        with pytest.raises(discord.HTTPException, match="Unknown Emoji"):
            _ = [user async for user in fish.users()]


async def test_reactions_need_permission(local: LocalDiscord, running: Running) -> None:
    """The bot may join a reaction that is there, but not begin one that its roles deny."""
    guild = local.add_guild("Penguins")
    no_reactions = Overwrite(guild.me.id, deny=Permission.ADD_REACTIONS, is_member=True)
    channel = guild.add_text_channel("general", [no_reactions])
    ada = guild.add_member("ada")
    async with running(Listening(discord.Intents(guilds=True))) as bot:
        assert isinstance(bot, Listening)
        said = message_of(await ada.say(channel, "fish?"))
        there = bot.get_partial_messageable(channel.id).get_partial_message(said.id)
        with pytest.raises(discord.Forbidden):
            await there.add_reaction("🐟")
        await ada.react(said, "🐟")
        await there.add_reaction("🐟")
        assert list(said.reactions["🐟"].users) == [ada.id, local.bot_user.id]
        guild.bot_role.permissions = 0
        with pytest.raises(discord.Forbidden):
            await there.clear_reactions()
        assert bot.heard == []


async def test_a_message_is_edited_and_deleted(local: LocalDiscord, running: Running) -> None:
    """The bot hears what a message was, and its answer to the edited one is found."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada = guild.add_member("ada")
    bot = Listening()
    bot.command(name="ask")(ask)
    async with running(bot):
        said = message_of(await ada.say(channel, "!akx"))
        edited = await ada.edit(said, "!ask")
        assert (await local.reply_to(edited)).content == "well?"
        await ada.delete(said)
        await until(lambda: len(bot.heard) == 2)
        assert bot.heard == ["!akx → !ask", "gone: !ask"]


async def test_a_newcomer_is_heard(local: LocalDiscord, running: Running) -> None:
    """Who joins after the start, for the first time or again, is told and can act."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    bot = Listening()
    bot.command(name="ask")(ask)
    async with running(bot):
        ada = guild.add_member("ada")
        assert (await local.reply_to(await ada.say(channel, "!ask"))).content == "well?"
        await ada.leave()
        again = guild.join(ada.user)
        assert (await local.reply_to(await again.say(channel, "!ask"))).content == "well?"
        assert bot.heard == ["ada joins Penguins"] * 2


async def test_a_member_does_what_a_person_can(local: LocalDiscord) -> None:
    """Others' messages, what is gone and what was done before are out of reach."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    said = message_of(await ada.say(channel, "fish?"))
    await ada.react(said, "🐟")
    with pytest.raises(ImpossibleActError, match="ada has reacted with 🐟 before"):
        await ada.react(said, "🐟")
    with pytest.raises(ImpossibleActError, match="bob has not reacted with 🐟"):
        await bob.unreact(said, "🐟")
    with pytest.raises(ApiError, match="Unknown Emoji"):
        await bob.react(said, "fish")
    with pytest.raises(ImpossibleActError, match="only a message"):
        await bob.react(Reply(None, channel.id), "🐟")
    for act in (bob.edit(said, "mine"), bob.delete(said)):
        with pytest.raises(ImpossibleActError, match="is not of bob"):
            await act
    with pytest.raises(ApiError, match="empty message"):
        await ada.edit(said, "")
    await ada.delete(said)
    with pytest.raises(ImpossibleActError, match="is not in its channel"):
        await ada.edit(said, "again")
