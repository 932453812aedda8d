"""Direct messages between a member and a real discord.py bot."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands
from discord.ext import commands
from tests.simulator.conftest import Running, new_bot, until

from tux.simulator import ImpossibleActError, LocalDiscord, UnknownCommandError


class Doorbell(discord.ui.View):
    @discord.ui.button(label="Ring")
    async def ring(
        self, interaction: discord.Interaction, button: discord.ui.Button[Doorbell]
    ) -> None:
        await interaction.response.edit_message(content=f"{interaction.user.name} rings")


def bot_with_commands() -> commands.Bot:
    bot = new_bot()

    @bot.hybrid_command()
    async def where(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.send(f"{type(ctx.channel).__name__} {type(ctx.author).__name__}")

    @bot.command()
    @commands.guild_only()
    async def inside(ctx: commands.Context[commands.Bot]) -> None: ...

    @bot.command()
    async def door(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.reply("door", view=Doorbell())

    @bot.tree.command()
    @app_commands.guild_only()
    async def guilds(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("guilds")

    @bot.tree.command()
    @app_commands.allowed_contexts(dms=True)
    async def private(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{interaction.context.dm_channel}")

    @bot.tree.context_menu(name="Who is it")
    async def who(interaction: discord.Interaction, user: discord.User) -> None:
        await interaction.response.send_message(f"{user.name} {interaction.guild}")

    async def setup_hook() -> None:
        await bot.tree.sync()

    bot.setup_hook = setup_hook  # type: ignore[method-assign]  # as users do
    return bot


async def test_a_member_writes_to_the_bot(local: LocalDiscord, running: Running) -> None:
    """Prefix commands, buttons and errors work in direct messages."""
    ada = local.add_guild("Penguins").add_member("ada")
    bot = bot_with_commands()
    errors: list[Exception] = []

    @bot.event
    async def on_command_error(
        ctx: commands.Context[commands.Bot], error: commands.CommandError
    ) -> None:
        errors.append(error)

    async with running(bot):
        reply = await local.reply_to(await ada.say(ada.dm_channel, "!where"))
        assert reply.content == "DMChannel User"
        door = await local.reply_to(await ada.say(ada.dm_channel, "!door"))
        rung = await local.reply_to(await ada.click(door, "Ring"))
        assert (rung.id, rung.content) == (door.id, "ada rings")
        await ada.say(ada.dm_channel, "!inside")
        await until(lambda: bool(errors))
        assert isinstance(errors[0], commands.NoPrivateMessage)
        said = [message.content for message in local.dms_of(ada)]
        assert said == ["!where", "DMChannel User", "!door", "ada rings", "!inside"]


async def test_commands_are_offered_where_they_are_allowed(
    local: LocalDiscord, running: Running
) -> None:
    """Slash and menu commands run in direct messages, unless they are for guilds only."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    dms = ada.dm_channel
    async with running(bot_with_commands()):
        reply = await local.reply_to(await ada.slash(dms, "where"))
        assert reply.content == "DMChannel User"
        assert (await local.reply_to(await ada.slash(dms, "private"))).content == "True"
        act = await ada.use_menu(dms, "Who is it", bob)
        assert (await local.reply_to(act)).content == "bob None"
        assert (await local.reply_to(await ada.slash(channel, "guilds"))).content == "guilds"
        with pytest.raises(UnknownCommandError, match=r"it has synced private, where$"):
            await ada.slash(dms, "guilds")
        with pytest.raises(UnknownCommandError, match=r"it has synced guilds, where$"):
            await ada.slash(channel, "private")


async def test_direct_messages_are_between_two(local: LocalDiscord) -> None:
    """Nobody writes into another's direct messages, nor to a bot that is in no common guild."""
    guild = local.add_guild("Penguins")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    with pytest.raises(ImpossibleActError, match="bob cannot see the direct messages of others"):
        await bob.say(ada.dm_channel, "hello")
    await ada.leave()
    with pytest.raises(ImpossibleActError, match="ada shares no guild with the bot"):
        await ada.say(ada.dm_channel, "hello")
