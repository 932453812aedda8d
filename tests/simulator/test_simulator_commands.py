"""Commands, buttons and forms of a real discord.py bot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord.ext import commands  # noqa: TC002  # discord.py reads annotations
from tests.simulator.conftest import Running, new_bot

if TYPE_CHECKING:
    from tux.simulator import LocalDiscord


async def test_a_prefix_command_is_answered(local: LocalDiscord, running: Running) -> None:
    """A message reaches the command, and the answer is found with and without a reference."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada = guild.add_member("ada")
    bot = new_bot()

    @bot.command()
    async def ping(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.send("Pong!")

    @bot.command()
    async def pong(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.reply("Ping!", embed=discord.Embed(title="t"))

    async with running(bot):
        await local.ready()
        first = await ada.say(channel, "!ping")
        reply = await local.reply_to(first)
        assert (reply.content, reply.channel_id) == ("Pong!", channel.id)
        second = await ada.say(channel, "!pong")
        assert (await local.reply_to(second)).embeds[0]["title"] == "t"
        assert bot.guilds[0].get_member(ada.id) is not None
        assert await bot.is_owner(await bot.fetch_user(local.owner.id))


async def test_a_hybrid_command_runs_by_slash(local: LocalDiscord, running: Running) -> None:
    """Options reach a hybrid command typed, members as members; ephemeral answers are so."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    bot = new_bot()

    @bot.hybrid_command()  # type: ignore[arg-type]  # upstream's types know cogs only
    async def feed(ctx: commands.Context[commands.Bot], fish: int, member: discord.Member) -> None:
        await ctx.send(f"{fish + 1} {member.id} {member.guild.name}", ephemeral=True)

    async def setup_hook() -> None:
        await bot.tree.sync()

    bot.setup_hook = setup_hook  # type: ignore[method-assign]  # as users do
    async with running(bot):
        reply = await local.reply_to(await ada.slash(channel, "feed", fish=4, member=bob))
        assert reply.content == f"5 {bob.id} Penguins"
        assert reply.ephemeral
        assert reply.id not in channel.messages
        said = await ada.say(channel, f"!feed 4 {bob.mention}")
        assert (await local.reply_to(said)).content == f"5 {bob.id} Penguins"


class Form(discord.ui.Modal, title="Form"):
    why: discord.ui.TextInput[Form] = discord.ui.TextInput(label="The reason")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await asyncio.sleep(0.01)
        await interaction.followup.send(f"because {self.why.value}")


class Panel(discord.ui.View):
    @discord.ui.button(label="Open")
    async def open(
        self, interaction: discord.Interaction, button: discord.ui.Button[Panel]
    ) -> None:
        await interaction.response.send_modal(Form())

    @discord.ui.select(placeholder="Colour", options=[discord.SelectOption(label="red", value="r")])
    async def colour(
        self, interaction: discord.Interaction, menu: discord.ui.Select[Panel]
    ) -> None:
        await interaction.response.edit_message(content=menu.values[0])


async def test_a_view_opens_a_form(local: LocalDiscord, running: Running) -> None:
    """Button, form, defer and follow-up; a menu edits the message that it stands in."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada = guild.add_member("ada")
    bot = new_bot()

    @bot.command()
    async def panel(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.send("panel", view=Panel())

    async with running(bot):
        shown = await local.reply_to(await ada.say(channel, "!panel"))
        clicked = await ada.click(shown, "Open")
        form = await local.reply_to(clicked)
        assert form.modal is not None
        assert form.modal["title"] == "Form"
        sent = await ada.submit_modal(clicked, the_reason="fish")
        assert (await local.reply_to(sent)).content == "because fish"
        chosen = await local.reply_to(await ada.choose(shown, "Colour", "r"))
        assert (chosen.content, chosen.id) == ("r", shown.id)
