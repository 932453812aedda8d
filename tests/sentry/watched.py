"""A cog with one of each kind of work, each of which can fail."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands, tasks

from tux.core.hybrid import hybrid_command

Ctx = commands.Context[commands.Bot]
Interaction = discord.Interaction[commands.Bot]


def fail(word: str = "bug") -> None:
    raise LookupError(word)


def raw_check(_: object) -> bool:
    raise LookupError("check")


class Panel(discord.ui.View):
    """Two buttons, of which one fails."""

    @discord.ui.button(label="good", custom_id="good")
    async def good(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.send_message("well")

    @discord.ui.button(label="bad", custom_id="bad")
    async def bad(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.send_message("trying")
        fail()


class Closing(Panel):
    async def on_timeout(self) -> None:
        fail()


class Form(discord.ui.Modal, title="Form"):
    word: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Word", custom_id="word")

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await interaction.response.send_message("sent")
        if self.word.value == "bad":
            fail()


class Watched(commands.Cog):
    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.loops: list[tasks.Loop[Any]] = []
        self.handled: list[str] = []

    # Prefix commands.
    @commands.command()
    async def good(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @commands.command()
    async def bad(self, ctx: Ctx) -> None:
        fail()

    @commands.group()
    async def case(self, ctx: Ctx) -> None:
        """Hold subcommands."""

    @case.command()  # type: ignore[arg-type]  # a union of callables, which mypy does not solve
    async def close(self, ctx: Ctx) -> None:
        fail()

    @commands.command()
    async def number(self, ctx: Ctx, number: int) -> None:
        await ctx.send(str(number))

    @commands.command()
    @commands.check(raw_check)
    async def checked(self, ctx: Ctx) -> None:
        """Never run."""

    @commands.command()
    async def gently(self, ctx: Ctx) -> None:
        fail()

    @gently.error
    async def on_gently(self, ctx: Ctx, error: commands.CommandError) -> None:
        self.handled.append(ctx.command.name if ctx.command else "")
        await ctx.send("sorry")

    @commands.command()
    async def slow(self, ctx: Ctx) -> None:
        await asyncio.gather(asyncio.sleep(0.01), self._look_up(ctx.author.id))

    async def _look_up(self, member_id: int) -> None:
        await asyncio.sleep(0.01)
        fail(str(member_id))

    # Hybrid and slash commands.
    @hybrid_command()
    async def both(self, ctx: Ctx) -> None:
        await ctx.send("trying")
        fail()

    @app_commands.command()
    async def slash_good(self, interaction: Interaction) -> None:
        await interaction.response.send_message("well")

    @app_commands.command()
    async def slash_bad(self, interaction: Interaction) -> None:
        await interaction.response.send_message("trying")
        fail()

    @app_commands.command()
    @app_commands.check(raw_check)
    async def slash_checked(self, interaction: Interaction) -> None:
        """Never run."""

    @app_commands.command()
    @app_commands.checks.cooldown(1, 1000)
    async def slash_cooled(self, interaction: Interaction) -> None:
        await interaction.response.send_message("well")

    @app_commands.command()
    async def slash_gently(self, interaction: Interaction) -> None:
        fail()

    @slash_gently.error
    async def on_slash_gently(
        self, interaction: Interaction, error: app_commands.AppCommandError
    ) -> None:
        self.handled.append("slash_gently")
        await interaction.response.send_message("sorry")

    @app_commands.command()
    async def complete(self, interaction: Interaction, word: str) -> None:
        await interaction.response.send_message(word)

    @complete.autocomplete("word")
    async def words(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        if typed == "bad":
            fail()
        return [app_commands.Choice(name=typed, value=typed)]

    # Components.
    @commands.command()
    async def panel(self, ctx: Ctx) -> None:
        await ctx.send("panel", view=Panel())

    @commands.command()
    async def closing(self, ctx: Ctx) -> None:
        await ctx.send("soon", view=Closing(timeout=0.01))

    @app_commands.command()
    async def form(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    # Events and loops.
    @commands.Cog.listener()
    async def on_somebody(self, member: object, word: str) -> None:
        if word == "bad":
            fail()

    def make_loop(self, *errors: Exception | None) -> tasks.Loop[Any]:
        """Make a loop of which each iteration ends so."""
        waiting = list(errors)

        async def iteration() -> None:
            error = waiting.pop(0)
            if error is not None:
                raise error

        made: tasks.Loop[Any] = tasks.loop(seconds=0, count=len(waiting))(iteration)
        self.loops.append(made)
        return made

    @commands.command()
    async def begin(self, ctx: Ctx) -> None:
        _ = self.make_loop(None, LookupError("loop")).start()
        await ctx.send("begun")
