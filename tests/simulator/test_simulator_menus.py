"""Commands from the menus of members and messages, of a real discord.py bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands
from tests.simulator.conftest import Running, new_bot

from tux.simulator import ImpossibleActError, LocalDiscord, UnknownCommandError
from tux.simulator.commands import CommandBook
from tux.simulator.errors import ApiError
from tux.simulator.snowflakes import Snowflakes

if TYPE_CHECKING:
    from discord.ext import commands

    from tux.simulator.model import Json


async def inspect(interaction: discord.Interaction, member: discord.Member) -> None:
    assert interaction.guild is not None
    await interaction.response.send_message(f"{member.id} {member.guild.name}", ephemeral=True)


async def look_up(interaction: discord.Interaction, user: discord.User) -> None:
    await interaction.response.send_message(f"{type(user).__name__} {user.id}")


async def report(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"{message.author.name}: {message.content}")


async def answer(ctx: commands.Context[commands.Bot]) -> None:
    await ctx.reply("an answer")


def bot_with_menus() -> commands.Bot:
    bot = new_bot()
    menus: tuple[app_commands.ContextMenu, ...] = (
        app_commands.ContextMenu(name="Inspect Member", callback=inspect),
        app_commands.ContextMenu(name="Look up", callback=look_up),
        app_commands.ContextMenu(name="Report this", callback=report),
    )
    for menu in menus:
        bot.tree.add_command(menu)
    bot.command()(answer)

    async def setup_hook() -> None:
        await bot.tree.sync()

    bot.setup_hook = setup_hook  # type: ignore[method-assign]  # as users do
    return bot


async def test_a_member_has_a_menu(local: LocalDiscord, running: Running) -> None:
    """A command of a member's menu is given the member, or the account that is in no guild."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    async with running(bot_with_menus()) as bot:
        reply = await local.reply_to(await ada.use_menu(channel, "Inspect Member", bob))
        assert (reply.content, reply.ephemeral) == (f"{bob.id} Penguins", True)
        act = await ada.use_menu(channel, "Look up", bob)
        assert (await local.reply_to(act)).content == f"Member {bob.id}"
        shown = await bot.get_partial_messageable(channel.id).fetch_message(
            next(reversed(channel.messages))
        )
        about = shown.interaction_metadata
        assert about is not None
        assert about.target_user is not None
        assert about.target_user.id == bob.id
        await bob.leave()
        act = await ada.use_menu(channel, "Look up", bob)
        assert (await local.reply_to(act)).content == f"User {bob.id}"


async def test_a_message_has_a_menu(local: LocalDiscord, running: Running) -> None:
    """A command of a message's menu is given the message, a member's or an answer of the bot."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    async with running(bot_with_menus()) as bot:
        asked = await bob.say(channel, "!answer")
        assert asked.message is not None
        act = await ada.use_menu(channel, "Report this", asked.message)
        assert (await local.reply_to(act)).content == "bob: !answer"
        shown = await bot.get_partial_messageable(channel.id).fetch_message(
            next(reversed(channel.messages))
        )
        about = shown.interaction_metadata
        assert about is not None
        assert about.target_message_id == asked.message.id
        act = await ada.use_menu(channel, "Report this", await local.reply_to(asked))
        assert (await local.reply_to(act)).content == "local-bot: an answer"


async def test_a_menu_offers_what_fits(local: LocalDiscord, running: Running) -> None:
    """A menu's command is found by its name on the right kind of target only."""
    guild = local.add_guild("Penguins")
    channel, other = guild.add_text_channel("general"), guild.add_text_channel("other")
    ada = guild.add_member("ada")
    async with running(bot_with_menus()):
        said = (await ada.say(channel, "hello")).message
        assert said is not None
        with pytest.raises(UnknownCommandError, match="Inspect Member, Look up, Report this"):
            await ada.use_menu(channel, "Report", said)
        with pytest.raises(UnknownCommandError, match="none at all"):
            await ada.slash(channel, "Report this")
        with pytest.raises(ImpossibleActError, match="'Look up' is for members, not for messages"):
            await ada.use_menu(channel, "Look up", said)
        with pytest.raises(ImpossibleActError, match="'Report this' is for messages, not for mem"):
            await ada.use_menu(channel, "Report this", ada)
        with pytest.raises(ImpossibleActError, match="is in another channel"):
            await ada.use_menu(other, "Report this", said)
        with pytest.raises(ImpossibleActError, match="has no menu"):
            await ada.use_menu(channel, "Look up", guild.default_role)  # type: ignore[arg-type]  # a mistake


def test_menus_have_a_limit_of_their_own() -> None:
    """A hundred slash commands and fifteen of each menu fit into one place, and no more."""
    book = CommandBook(1, Snowflakes(lambda: 1_800_000_000.0))
    full: list[Json] = [{"name": f"c{number}"} for number in range(100)]
    full += [{"name": f"M {number}", "type": kind} for kind in (2, 3) for number in range(15)]
    assert len(book.replace(None, full)) == 130
    for kind in (1, 2, 3):
        with pytest.raises(ApiError) as caught:
            book.replace(None, [*full, {"name": "one more", "type": kind}])
        assert caught.value.code == 50035
    assert sorted(book.usable_in(5, 2)) == sorted(f"M {number}" for number in range(15))
