"""A cog that sends the view or the form of a test, and the click that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands
from tests.fakes.sent import trace_of
from tests.sentry.watched import Ctx, Form, Interaction

if TYPE_CHECKING:
    from discord.ui.view import BaseView
    from tests.fakes.discord_client import Client


def with_items(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View()
    for item in items:
        view.add_item(item)
    return view


class Sender(commands.Cog):
    """Sends the view or the form of the test."""

    def __init__(self) -> None:
        self.view: BaseView | None = None
        self.form = Form()

    @commands.command()
    async def show(self, ctx: Ctx) -> None:
        if isinstance(self.view, discord.ui.LayoutView):
            await ctx.send(view=self.view)
        elif isinstance(self.view, discord.ui.View):
            await ctx.send("look", view=self.view)

    @app_commands.command()
    async def ask(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(self.form)


@pytest.fixture
def cog() -> Sender:
    return Sender()


@pytest.fixture
async def ready(client: Client, cog: Sender) -> Client:
    await client.bot.add_cog(cog)
    await client.bot.tree.sync()
    return client


async def shown(client: Client, cog: Sender, view: BaseView) -> Any:
    cog.view = view
    return await client.local.reply_to(await client.member.say(client.channel, "!show"))


async def used(client: Client, *, apart: bool = True) -> Any:
    """Give the unit of the click, which has nothing of the command that sent the view."""
    sender, unit = await client.transactions(2)
    assert sender["transaction"] in ("show", "ask")
    assert trace_of(unit) != trace_of(sender)
    return unit
