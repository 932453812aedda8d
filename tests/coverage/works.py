"""Every kind of work that discord.py does for a bot, and that fails: a cog, views, a loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn, Self

import discord
from discord import app_commands
from discord.ext import commands, tasks
from tests.attribution.kinds import Vote as GoodVote

from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    import re

Ctx = commands.Context[Any]
Interaction = discord.Interaction[Any]


class WorkError(LookupError):
    """What goes wrong in all of it."""


def fail(*_: object) -> NoReturn:
    raise WorkError


async def fail_late(*_: object) -> NoReturn:
    await asyncio.sleep(0)
    raise WorkError


class Crashing(commands.Converter[str]):
    async def convert(self, _: Ctx, __: str) -> NoReturn:
        raise WorkError


class Panel(discord.ui.View):
    @discord.ui.button(label="button", custom_id="button")
    async def button(self, _: Interaction, __: Any) -> None:
        fail()


class Closing(discord.ui.View):
    @discord.ui.button(label="button", custom_id="button")
    async def button(self, _: Interaction, __: Any) -> None:
        """Never pressed."""

    async def on_timeout(self) -> None:
        fail()


class Form(discord.ui.Modal, title="Form"):
    word: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, _: Interaction, /) -> None:
        fail()


class Vote(GoodVote, template=r"vote:(?P<number>\d+)"):
    @classmethod
    async def from_custom_id(
        cls, _: Interaction, __: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["number"]))

    async def callback(self, _: Interaction) -> None:
        fail()


class Works(commands.Cog):
    """Named as the rows of docs/coverage.md are."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        for menu in (self.of_user, self.of_message):
            bot.tree.add_command(app_commands.ContextMenu(name=menu.__name__, callback=menu))
        bot.add_dynamic_items(Vote)

    @commands.command()
    async def prefix(self, _: Ctx) -> None:
        fail()

    @commands.command()
    async def handled(self, _: Ctx) -> None:
        fail()

    @handled.error
    async def on_handled(self, ctx: Ctx, _: commands.CommandError) -> None:
        await ctx.send("sorry")

    @commands.command()
    @commands.check(fail)
    async def checked(self, _: Ctx) -> None:
        """Never run."""

    @commands.command()
    async def converted(self, _: Ctx, word: Crashing) -> None:
        """Never run."""

    @commands.command()
    async def numbered(self, _: Ctx, number: int) -> None:
        """Never run."""

    @commands.command()
    @commands.cooldown(1, 1000)
    async def cooled(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @commands.command()
    @commands.max_concurrency(1, wait=True)
    async def queued(self, _: Ctx) -> None:
        fail()

    @commands.command()
    @commands.before_invoke(fail_late)
    async def before(self, _: Ctx) -> None:
        """Never run."""

    @commands.command()
    @commands.after_invoke(fail_late)
    async def after(self, _: Ctx) -> None:
        """Run well."""

    @hybrid_command()
    async def hybrid(self, _: Ctx) -> None:
        fail()

    @app_commands.command()
    async def slash(self, _: Interaction) -> None:
        fail()

    @app_commands.command()
    @app_commands.check(fail)
    async def slash_checked(self, _: Interaction) -> None:
        """Never run."""

    @app_commands.command()
    async def slash_handled(self, _: Interaction) -> None:
        fail()

    @slash_handled.error
    async def on_slash_handled(
        self, interaction: Interaction, _: app_commands.AppCommandError
    ) -> None:
        await interaction.response.send_message("sorry")

    @app_commands.command()
    async def answering(self, interaction: Interaction) -> None:
        await interaction.response.send_message("well")
        fail()

    @app_commands.command()
    async def unsynced(self, _: Interaction) -> None:
        """Removed before it is used."""

    @app_commands.command()
    async def complete(self, interaction: Interaction, word: str) -> None:
        await interaction.response.send_message(word)

    @complete.autocomplete("word")
    async def words(self, _: Interaction, __: str) -> list[app_commands.Choice[str]]:
        fail()

    async def of_user(self, _: Interaction, __: discord.Member) -> None:
        fail()

    async def of_message(self, _: Interaction, __: discord.Message) -> None:
        fail()

    @app_commands.command()
    async def form(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    @commands.command()
    async def show(self, ctx: Ctx) -> None:
        panel = Panel()
        panel.add_item(Vote(1))
        await ctx.send("panel", view=panel)

    @commands.command()
    async def closing(self, ctx: Ctx) -> None:
        await ctx.send("soon", view=Closing(timeout=0.01))

    @commands.command()
    async def limited(self, ctx: Ctx) -> None:
        await ctx.send("limited")
        fail()

    @commands.command()
    async def asking(self, ctx: Ctx) -> None:
        await ctx.send("who?")
        await self.bot.wait_for("message", timeout=10)
        fail()

    @commands.Cog.listener()
    async def on_thing(self, _: discord.User) -> None:
        fail()

    def make_loop(
        self, *, before: bool = False, after: bool = False, handler: bool = False
    ) -> tasks.Loop[Any]:
        """Make a loop of one iteration that fails there."""

        async def turn() -> None:
            if not before and not after:
                fail()

        made: tasks.Loop[Any] = tasks.loop(count=1)(turn)
        if before:
            made.before_loop(fail_late)
        if after:
            made.after_loop(fail_late)
        if handler:
            made.error(_swallow)  # type: ignore[type-var]  # a function, where discord.py has only methods in mind
        return made


async def _swallow(_: BaseException) -> None:
    await asyncio.sleep(0)
