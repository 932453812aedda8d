"""One unit of work of each kind, which does much at once and fails in the name of its member."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn, Self

import discord
from discord import app_commands
from discord.ext import commands, tasks

from tux.core.hybrid import hybrid_command
from tux.services.sentry import add_breadcrumb, set_tag, start_span

if TYPE_CHECKING:
    import re

CHILDREN = 2

Interaction = discord.Interaction[Any]


async def work(member_id: int) -> NoReturn:
    """Leave a breadcrumb, a tag and spans of tasks at once, and fail."""
    add_breadcrumb(f"of {member_id}")
    set_tag("who", str(member_id))
    with start_span(op="step", name=f"outer {member_id}"):
        await asyncio.gather(*(_child(member_id, number) for number in range(CHILDREN)))
    raise LookupError(member_id)


async def _child(member_id: int, number: int) -> None:
    with start_span(op="step", name=f"child {member_id} {number}"):
        await asyncio.sleep(0)
        with start_span(op="step", name=f"grandchild {member_id} {number}"):
            await asyncio.sleep(0)
    # A task shares its command's scope.
    set_tag(f"child.{number}", str(member_id))


class Panel(discord.ui.View):
    """A button and a menu that outlive their message's command."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="button", custom_id="button")
    async def button(self, interaction: Interaction, _: Any) -> None:
        await work(interaction.user.id)

    @discord.ui.select(custom_id="menu", options=[discord.SelectOption(label="one")])
    async def menu(self, interaction: Interaction, _: Any) -> None:
        await work(interaction.user.id)


class Vote(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"vote:(?P<number>\d+)"):
    """A button that is told by its id."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="vote", custom_id=f"vote:{number}"))

    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["number"]))

    async def callback(self, interaction: Interaction) -> None:
        await work(interaction.user.id)


class Form(discord.ui.Modal, title="Form"):
    """A form to fill in."""

    word: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, interaction: Interaction, /) -> None:
        await work(interaction.user.id)


class Kinds(commands.Cog):
    """Commands, listeners and loops."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.loops: list[tasks.Loop[Any]] = []
        for menu in (self.of_user, self.of_message):
            bot.tree.add_command(app_commands.ContextMenu(name=menu.__name__, callback=menu))
        bot.add_dynamic_items(Vote)

    @commands.command()
    async def prefix(self, ctx: commands.Context[Any]) -> None:
        await work(ctx.author.id)

    @hybrid_command()
    async def hybrid(self, ctx: commands.Context[Any]) -> None:
        await work(ctx.author.id)

    @app_commands.command()
    async def slash(self, interaction: Interaction) -> None:
        await work(interaction.user.id)

    @app_commands.command()
    async def complete(self, interaction: Interaction, word: str) -> None:
        await interaction.response.send_message(word)

    @complete.autocomplete("word")
    async def words(self, interaction: Interaction, _: str) -> list[app_commands.Choice[str]]:
        await work(interaction.user.id)

    async def of_user(self, interaction: Interaction, _: discord.Member) -> None:
        await work(interaction.user.id)

    async def of_message(self, interaction: Interaction, _: discord.Message) -> None:
        await work(interaction.user.id)

    @app_commands.command()
    async def form(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    @commands.command()
    async def show(self, ctx: commands.Context[Any]) -> None:
        panel = Panel()
        panel.add_item(Vote(1))
        await ctx.send("panel", view=panel)

    @commands.Cog.listener()
    async def on_thing(self, member: discord.User) -> None:
        await work(member.id)

    def start_loop(self, number: int) -> None:
        """Run one iteration of a loop, in the name of a number."""

        async def turn() -> None:
            await work(number)

        made: tasks.Loop[Any] = tasks.loop(count=1)(turn)
        self.loops.append(made)
        # Else Python would tell of each at its end, in thousands of lines.
        made.start().add_done_callback(asyncio.Task.exception)
