"""A cog whose command does what a test gives it to do, and what is read of its transaction."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands
from tests.sentry.watched import Form, Panel

from tux.services.sentry import track_command_end, track_command_start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest
    from tests.fakes.discord_client import Client

Ctx = commands.Context[commands.Bot]
Interaction = discord.Interaction[commands.Bot]

UNSAMPLED = {"command_sample_rate": 0.0, "task_sample_rate": 0.0, "default_sample_rate": 0.0}
SECONDS = 0.1
"""What a limit or a fault orders."""


class Ending(Panel):
    @discord.ui.button(label="end", custom_id="end")
    async def end(self, interaction: Interaction, _: Any) -> None:
        await interaction.response.send_message("ended")
        self.stop()


class Waits(commands.Cog):
    """Commands that do what a test gives them to do."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.deed: Callable[[Ctx], Awaitable[object]] = self.ask
        self.took: float | None = None
        self.around = 0.0
        self.answers: list[Any] = []
        self.faults = 0
        """Faults of the layer that a test provokes."""

    @commands.command()
    async def act(self, ctx: Ctx) -> None:
        began = time.perf_counter()
        track_command_start("act")
        try:
            await self.deed(ctx)
        finally:
            self.took = track_command_end("act", success=True)
            self.around = (time.perf_counter() - began) * 1000

    @app_commands.command()
    async def write(self, interaction: Interaction) -> None:
        form = Form()
        await interaction.response.send_modal(form)
        self.answers.append(await form.wait())

    @app_commands.command()
    async def once(self, interaction: Interaction) -> None:
        await interaction.response.send_message("well")

    async def ask(self, ctx: Ctx, timeout: float = 20) -> None:  # noqa: ASYNC109  # it is wait_for's
        def is_authors(message: discord.Message) -> bool:
            return message.author == ctx.author and message.content == "later"

        # It listens before it is awaited: the answer may come first.
        waiting = self.bot.wait_for("message", check=is_authors, timeout=timeout)
        await ctx.send("asked")
        self.answers.append((await waiting).content)

    async def show(self, ctx: Ctx) -> None:
        view = Ending(timeout=20)
        await ctx.send("panel", view=view)
        self.answers.append(await view.wait())


def seconds_of(span: Any) -> float:
    ended, began = map(datetime.fromisoformat, (span["timestamp"], span["start_timestamp"]))
    return (ended - began).total_seconds()


def spans_of(unit: Any, op: str) -> list[Any]:
    return [span for span in unit["spans"] if span["op"] == op]


def data_of(unit: Any) -> dict[str, Any]:
    return dict(unit["contexts"]["trace"]["data"])


def break_spans(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    """Let the spans of waits fail in a module of the layer."""

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(module, "add_wait", fail)


async def run(client: Client, cog: Waits, deed: Callable[[Ctx], Awaitable[object]]) -> Any:
    """Have a command do this; give its transaction."""
    cog.deed = deed
    await client.member.say(client.channel, "!act")
    return await client.transaction()
