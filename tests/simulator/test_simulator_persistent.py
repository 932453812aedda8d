"""Components in messages that an earlier process sent, used when a new one is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import discord
from tests.simulator.conftest import Running, new_bot

if TYPE_CHECKING:
    import re

    from discord.ext import commands

    from tux.simulator import LocalDiscord


class Vote(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"vote:(?P<number>\d+)"
):
    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="Vote", custom_id=f"vote:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[discord.ui.View],
        match: re.Match[str],
    ) -> Self:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"voted for {self.number}", ephemeral=True)


class Colour(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=r"colour:(?P<size>\w+)"
):
    def __init__(self, size: str) -> None:
        options = [discord.SelectOption(label="red"), discord.SelectOption(label="blue")]
        menu: discord.ui.Select[discord.ui.View]
        menu = discord.ui.Select(options=options, custom_id=f"colour:{size}")
        super().__init__(menu)
        self.size = size

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: discord.ui.Item[discord.ui.View],
        match: re.Match[str],
    ) -> Self:
        return cls(match["size"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"{self.size} {self.item.values}")


class Panel(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Open", custom_id="panel:open")
    async def open(
        self, interaction: discord.Interaction, button: discord.ui.Button[Panel]
    ) -> None:
        await interaction.response.send_message("opened")

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="panel:who")
    async def who(
        self, interaction: discord.Interaction, menu: discord.ui.UserSelect[Panel]
    ) -> None:
        await interaction.response.send_message(", ".join(user.name for user in menu.values))


def first_bot() -> commands.Bot:
    bot = new_bot()

    @bot.command()
    async def panel(ctx: commands.Context[commands.Bot]) -> None:
        await ctx.reply("panel", view=Panel().add_item(Vote(17)).add_item(Colour("big")))

    return bot


async def test_a_message_outlives_its_process(local: LocalDiscord, running: Running) -> None:
    """Buttons and menus of an old message reach persistent views and dynamic items."""
    guild = local.add_guild("Penguins")
    channel = guild.add_text_channel("general")
    ada, bob = guild.add_member("ada"), guild.add_member("bob")
    async with running(first_bot()):
        shown = await local.reply_to(await ada.say(channel, "!panel"))
    bot = new_bot()
    bot.add_dynamic_items(Vote, Colour)
    bot.add_view(Panel())
    async with running(bot):
        for button, told in (("Open", "opened"), ("vote:17", "voted for 17")):
            assert (await local.reply_to(await ada.click(shown, button))).content == told
        act = await ada.choose(shown, "panel:who", bob, ada)
        assert (await local.reply_to(act)).content == "bob, ada"
        chosen = await local.reply_to(await ada.choose(shown, "colour:big", "blue"))
        assert (chosen.id, chosen.content) == (shown.id, "big ['blue']")
