"""What the seams see, over the real client: one transaction, one event, the right names."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands, tasks
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from tux.simulator import LocalDiscord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.sent import Sent

    from tux.simulator import Act, Channel, Member

Context = commands.Context[Any]
Interaction = discord.Interaction[Any]


class Panel(discord.ui.View):
    """A view with a button that works, one that fails, and one that opens a form."""

    @discord.ui.button(label="fine", custom_id="fine")
    async def fine(self, interaction: Interaction, _button: Any) -> None:
        await interaction.response.send_message("fine")

    @discord.ui.button(label="broken", custom_id="broken")
    async def broken(self, interaction: Interaction, _button: Any) -> None:
        await interaction.response.defer()
        raise LookupError("in a view")

    @discord.ui.button(label="form", custom_id="form")
    async def form(self, interaction: Interaction, _button: Any) -> None:
        await interaction.response.send_modal(Form())


class Form(discord.ui.Modal, title="A form"):
    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="name", custom_id="name")

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.send_message("thanks")
        raise LookupError("in a form")


class Fleeting(discord.ui.View):
    """A view that is over at once, and fails at it."""

    def __init__(self) -> None:
        super().__init__(timeout=0.01)

    @discord.ui.button(label="x")
    async def press(self, _interaction: Interaction, _button: Any) -> None:
        """Nobody presses it."""

    async def on_timeout(self) -> None:
        raise LookupError("in a timeout")


class Everything(commands.Cog):
    """One of each."""

    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.rounds = 0

    @commands.command()
    async def fine(self, ctx: Context) -> None:
        await ctx.send("fine")

    @commands.command()
    async def broken(self, ctx: Context) -> None:
        await asyncio.gather(self.fail("in a command"), asyncio.sleep(0))

    async def fail(self, where: str) -> None:
        raise LookupError(where)

    @commands.command()
    async def number(self, ctx: Context, number: int) -> None:
        await ctx.send(str(number))

    @commands.group()
    async def group(self, ctx: Context) -> None:
        """Only its child does something."""

    @group.command()  # type: ignore[arg-type]  # see tux.core.hybrid
    async def child(self, ctx: Context) -> None:
        await ctx.send("child")

    @commands.command()
    async def handled(self, ctx: Context) -> None:
        raise LookupError("handled")

    @handled.error
    async def on_handled(self, ctx: Context, _error: Exception) -> None:
        await ctx.send("handled")

    @commands.command()
    async def checked(self, ctx: Context) -> None:
        """Never reached."""

    @checked.before_invoke
    async def before(self, ctx: Context) -> None:
        raise LookupError("in a hook")

    @commands.command()
    async def view(self, ctx: Context) -> None:
        await ctx.send("view", view=Panel())

    @commands.command()
    async def fleeting(self, ctx: Context) -> None:
        await ctx.send("fleeting", view=Fleeting())

    @commands.command()
    async def start(self, ctx: Context) -> None:
        _ = self.loop.start()
        await ctx.send("started")

    @tasks.loop(seconds=0.01, count=2)
    async def loop(self) -> None:
        self.rounds += 1
        if self.rounds == 2:
            raise LookupError("in a loop")

    @app_commands.command()
    async def slash(self, interaction: Interaction, fail: bool = False) -> None:  # noqa: FBT001, FBT002  # an option
        await interaction.response.send_message("slash")
        if fail:
            raise LookupError("in a slash command")

    @commands.hybrid_command()  # type: ignore[arg-type]  # see tux.core.hybrid
    async def both(self, ctx: Context) -> None:
        await ctx.send("both")
        raise LookupError("in a hybrid")

    @commands.Cog.listener()
    async def on_member_join(self, _member: discord.Member) -> None:
        raise LookupError("in a listener")


@dataclass
class Stage:
    local: LocalDiscord
    bot: commands.Bot
    channel: Channel
    member: Member

    async def say(self, text: str) -> Act:
        """Write, and wait until the bot has read it."""
        read = self.bot.wait_for("message", check=lambda one: one.content == text, timeout=10)
        act, _ = await asyncio.gather(self.member.say(self.channel, text), read)
        return act

    async def answered(self, act: Act) -> Any:
        return await self.local.reply_to(act, timeout=10)


@asynccontextmanager
async def playing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Run a plain discord.py bot: nothing of Tux but the integration."""
    async with LocalDiscord() as local:
        monkeypatch.setattr(Route, "BASE", local.api_url)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(local.gateway_url))
        guild = local.add_guild("Penguins")
        channel = guild.add_text_channel("general")
        member = guild.add_member("pingu")
        intents = discord.Intents.all()
        bot = commands.Bot("!", intents=intents, guild_ready_timeout=0.05)
        async with bot:
            await bot.add_cog(Everything(bot))

            async def setup_hook() -> None:
                await bot.tree.sync()

            bot.setup_hook = setup_hook  # type: ignore[method-assign]  # as users may
            task = asyncio.create_task(bot.start(local.token))
            await local.ready(timeout=10)
            await bot.wait_until_ready()
            yield Stage(local, bot, channel, member)
            # What a test has started ends first: a closed bot cannot dispatch any more.
            await settled()
        await asyncio.gather(task, return_exceptions=True)


async def settled() -> None:
    """Wait until all tasks that discord.py made for events and commands have ended."""
    names = ("discord.py: ", "CommandTree-invoker", "discord-ui-", "discord-ext-tasks")
    while any(task.get_name().startswith(names) for task in asyncio.all_tasks()):  # noqa: ASYNC110  # others' tasks
        await asyncio.sleep(0.01)


@pytest.fixture
async def stage(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with playing(monkeypatch) as made:
        yield made


def of_op(sent: Sent, prefix: str) -> list[Any]:
    """Give the transactions of a kind."""
    return [one for one in sent.transactions if one["contexts"]["trace"]["op"].startswith(prefix)]


def assert_failure(sent: Sent, stage: Stage, op: str, name: str) -> Any:
    """Assert that one unit failed, with one event that is of its trace and user, unhandled."""
    (transaction,) = [one for one in of_op(sent, op) if one["transaction"] == name]
    event = sent.event
    trace = transaction["contexts"]["trace"]
    assert trace["status"] == "internal_error"
    assert event["contexts"]["trace"]["trace_id"] == trace["trace_id"]
    assert event["transaction"] == name
    assert event["exception"]["values"][-1]["type"] == "LookupError"
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    return event


async def test_a_command(sent: Sent, stage: Stage) -> None:
    """A command is one transaction, with its user, tags, and Discord's call as a span."""
    await stage.answered(await stage.say("!fine"))
    await settled()
    (transaction,) = of_op(sent, "command")
    assert transaction["transaction"] == "fine"
    assert transaction["contexts"]["trace"]["op"] == "command.prefix"
    assert transaction["contexts"]["trace"]["status"] == "ok"
    assert transaction["user"] == {"id": str(stage.member.id)}
    assert transaction["tags"]["command"] == "fine"
    assert transaction["tags"]["cog"] == "Everything"
    (span,) = transaction["spans"]
    assert span["description"] == "POST /channels/{channel_id}/messages"
    assert span["op"] == "http.client"
    assert sent.events == []


async def test_a_command_that_fails(sent: Sent, stage: Stage) -> None:
    """A failure in a child task is one event, although discord.py logs it, too."""
    await stage.say("!broken")
    await settled()
    event = assert_failure(sent, stage, "command.prefix", "broken")
    assert event["user"] == {"id": str(stage.member.id)}
    assert event["tags"]["error.wrapper"] == "CommandInvokeError"


async def test_a_group(sent: Sent, stage: Stage) -> None:
    """A subcommand is named whole."""
    await stage.answered(await stage.say("!group child"))
    await settled()
    assert [one["transaction"] for one in of_op(sent, "command")] == ["group child"]


@pytest.mark.parametrize(
    ("text", "statuses"),
    [("!number x", ["invalid_argument"]), ("!number", ["invalid_argument"]), ("!nothing", [])],
)
async def test_a_mistake(sent: Sent, stage: Stage, text: str, statuses: list[str]) -> None:
    """A mistake of a member is a status, and no event, although discord.py logs it."""
    await stage.say(text)
    await settled()
    assert [one["contexts"]["trace"]["status"] for one in of_op(sent, "command")] == statuses
    assert sent.events == []


async def test_a_local_handler(sent: Sent, stage: Stage) -> None:
    """What the command's own handler takes is told as handled."""
    await stage.answered(await stage.say("!handled"))
    await settled()
    assert sent.event["exception"]["values"][-1]["mechanism"]["handled"] is True


async def test_a_hook(sent: Sent, stage: Stage) -> None:
    """A hook that raises, which discord.py does not wrap, is one event of its command."""
    await stage.say("!checked")
    await settled()
    assert_failure(sent, stage, "command.prefix", "checked")


async def test_slash(sent: Sent, stage: Stage) -> None:
    """A slash command is a transaction; its failure is one event, and no token goes out."""
    act = await stage.member.slash(stage.channel, "slash")
    await stage.answered(act)
    act = await stage.member.slash(stage.channel, "slash", fail=True)
    await stage.answered(act)
    await settled()
    good, bad = of_op(sent, "command.slash")
    assert (good["transaction"], good["contexts"]["trace"]["status"]) == ("slash", "ok")
    assert good["contexts"]["trace"]["trace_id"] != bad["contexts"]["trace"]["trace_id"]
    (span,) = good["spans"]
    assert span["description"] == "POST /interactions/{webhook_id}/{webhook_token}/callback"
    event = sent.event
    assert event["contexts"]["trace"]["trace_id"] == bad["contexts"]["trace"]["trace_id"]
    assert event["user"] == {"id": str(stage.member.id)}
    assert act.interaction is not None
    assert act.interaction.token.encode() not in sent.everything
    assert stage.local.token.encode() not in sent.everything


@pytest.mark.parametrize("way", ["prefix", "slash"])
async def test_a_hybrid(sent: Sent, stage: Stage, way: str) -> None:
    """A hybrid command is seen once, however it was called."""
    if way == "prefix":
        act = await stage.say("!both")
    else:
        act = await stage.member.slash(stage.channel, "both")
    await stage.answered(act)
    await settled()
    assert len(of_op(sent, "command")) == 1
    assert_failure(sent, stage, f"command.{way}", "both")


async def test_a_listener(sent: Sent, stage: Stage) -> None:
    """A listener is a unit of work of its own."""
    joined = stage.channel.guild.add_member("late")  # type: ignore[union-attr]  # it has one
    await asyncio.sleep(0.1)
    await settled()
    event = assert_failure(sent, stage, "event.discord", "on_member_join")
    assert event["user"] == {"id": str(joined.id)}


async def test_a_loop_that_a_command_started(sent: Sent, stage: Stage) -> None:
    """Each round is a unit of its own, without the user of the command that started the loop."""
    await stage.answered(await stage.say("!start"))
    await settled()
    rounds = of_op(sent, "task.loop")
    assert len(rounds) == 2
    assert len({one["contexts"]["trace"]["trace_id"] for one in rounds}) == 2
    assert all("user" not in one for one in rounds)
    event = sent.event
    assert event["tags"]["task.dead"] == "true"
    assert "user" not in event
    assert "command" not in event["tags"]


async def test_a_view(sent: Sent, stage: Stage) -> None:
    """A button that fails is one event, named by the view and the function."""
    reply = await stage.answered(await stage.say("!view"))
    await stage.answered(await stage.member.click(reply, "fine"))
    await stage.member.click(reply, "broken")
    await asyncio.sleep(0.1)
    await settled()
    assert {one["transaction"] for one in of_op(sent, "ui.action")} == {
        "Panel.fine",
        "Panel.broken",
    }
    event = assert_failure(sent, stage, "ui.action", "Panel.broken")
    assert event["user"] == {"id": str(stage.member.id)}


async def test_a_form(sent: Sent, stage: Stage) -> None:
    """A form that fails is one event."""
    reply = await stage.answered(await stage.say("!view"))
    act = await stage.member.click(reply, "form")
    await stage.answered(act)
    await stage.answered(await stage.member.submit_modal(act, name="pingu"))
    await settled()
    assert_failure(sent, stage, "ui.action", "Form")


async def test_a_timeout(sent: Sent, stage: Stage) -> None:
    """A view's timeout that fails is one event, without the user who opened the view."""
    await stage.answered(await stage.say("!fleeting"))
    await asyncio.sleep(0.2)
    await settled()
    event = assert_failure(sent, stage, "ui.timeout", "Fleeting.on_timeout")
    assert "user" not in event
