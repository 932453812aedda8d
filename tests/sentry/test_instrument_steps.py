"""What runs around a callback: spans where there is something to do, one event where it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest
import sentry_sdk
from discord import app_commands
from discord.ext import commands
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import status_of, trace_of, types_of
from tests.sentry.watched import Ctx, Interaction, fail

from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client


class Shouted(commands.Converter[str]):
    async def convert(self, ctx: commands.Context[Any], argument: str) -> str:
        if argument == "bug":
            fail("converter")
        return argument.upper()


class Backwards(app_commands.Transformer):
    async def transform(self, interaction: Any, value: Any, /) -> str:
        if value == "bug":
            fail("transformer")
        return str(value)[::-1]


async def hook(*about: Any) -> None:
    # That of a cog's command is called with the cog, too.
    if about[-1].kwargs.get("word") in ("before", "AFTER"):
        fail("hook")


def pass_all(_: object) -> bool:
    return True


def pass_none(_: object) -> bool:
    return False


class Steps(commands.Cog):
    """Commands with something around them."""

    @commands.command()
    @commands.check(pass_all)
    @commands.before_invoke(hook)
    @commands.after_invoke(hook)
    async def full(self, ctx: Ctx, *, word: Shouted) -> None:
        await ctx.send("well")

    @commands.command()
    @commands.check(pass_none)
    async def closed(self, ctx: Ctx) -> None:
        """Never run."""

    @commands.command()
    @commands.before_invoke(hook)
    async def begun(self, ctx: Ctx, *, word: str) -> None:
        """Never run with ``before``."""

    @commands.command()
    @commands.after_invoke(hook)
    async def ended(self, ctx: Ctx, *, word: Shouted) -> None:
        await ctx.send("well")

    @commands.command()
    @commands.max_concurrency(1, wait=True)
    async def queue(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @commands.command()
    @commands.max_concurrency(1)
    async def alone(self, ctx: Ctx) -> None:
        await asyncio.sleep(0.2)

    @commands.command()
    @commands.cooldown(1, 1000)
    async def cooled(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @app_commands.command()
    @app_commands.check(pass_all)
    async def slash_full(
        self, interaction: Interaction, word: app_commands.Transform[str, Backwards]
    ) -> None:
        await interaction.response.send_message(word)

    @hybrid_command()
    @commands.check(pass_all)
    @commands.before_invoke(hook)
    @commands.after_invoke(hook)
    async def two_ways(self, ctx: Ctx, word: str = "none") -> None:
        await ctx.send(word)


class Hooked(commands.Cog):
    """A cog with checks and hooks for all of its commands."""

    async def cog_check(self, ctx: commands.Context[Any]) -> bool:
        return True

    async def cog_before_invoke(self, ctx: commands.Context[Any]) -> None:
        """Do nothing, but be there."""

    async def cog_after_invoke(self, ctx: commands.Context[Any]) -> None:
        """Do nothing, but be there."""

    async def interaction_check(self, interaction: Any, /) -> bool:
        return bool(interaction)

    @commands.command()
    async def hooked(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @app_commands.command()
    async def slash_hooked(self, interaction: Interaction) -> None:
        await interaction.response.send_message("well")


@pytest.fixture
async def ready(client: Client) -> Client:
    await client.bot.add_cog(Steps())
    await client.bot.add_cog(Hooked())
    await client.bot.tree.sync()
    return client


def steps_of(unit: Any) -> dict[str, str]:
    """Give name and status of each step."""
    return {
        span["description"]: span["status"]
        for span in unit["spans"]
        if span["op"] == "middleware.discord"
    }


ALL_OK = dict.fromkeys(("checks", "converters", "before_invoke", "after_invoke"), "ok")


async def test_prefix_steps(ready: Client) -> None:
    """Checks, converters and hooks of a command are spans directly below it."""
    await ready.member.say(ready.channel, "!full loudly")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "full", "ok", ready.member)
    assert steps_of(unit) == ALL_OK
    root = unit["contexts"]["trace"]["span_id"]
    assert {span["parent_span_id"] for span in unit["spans"]} == {root}
    assert ready.sent.events == []


async def test_no_steps(ready: Client) -> None:
    """A command without any of them has none, however many commands the help command asks."""
    await ready.member.say(ready.channel, "!good")
    await ready.member.say(ready.channel, "!help")
    units = await ready.transactions(2)
    assert {unit["transaction"]: steps_of(unit) for unit in units} == {
        "good": {},
        "help": {"converters": "ok"},
    }


async def test_steps_of_the_bot(ready: Client) -> None:
    """Checks and hooks of the whole bot are those of each command."""
    ready.bot.add_check(pass_all)
    ready.bot.add_check(pass_all, call_once=True)
    ready.bot.before_invoke(hook)
    ready.bot.after_invoke(hook)
    await ready.member.say(ready.channel, "!good")
    unit = await ready.transaction()
    names = [span["description"] for span in unit["spans"] if span["op"] != "http.client"]
    assert names == ["checks", "checks", "before_invoke", "after_invoke"]


async def test_steps_of_a_cog(ready: Client) -> None:
    """Checks and hooks of a cog are those of each of its commands."""
    await ready.member.say(ready.channel, "!hooked")
    await ready.member.slash(ready.channel, "slash_hooked")
    units = {unit["transaction"]: steps_of(unit) for unit in await ready.transactions(2)}
    assert units["hooked"] == {"checks": "ok", "before_invoke": "ok", "after_invoke": "ok"}
    assert units["slash_hooked"] == {"checks": "ok"}


async def test_slash_steps(ready: Client) -> None:
    """Checks and transformers of a slash command are spans."""
    await ready.member.slash(ready.channel, "slash_full", word="well")
    unit = await ready.transaction()
    assert_unit(unit, "command.slash", "slash_full", "ok", ready.member)
    assert steps_of(unit) == {"checks": "ok", "converters": "ok"}


async def test_hybrid_steps(ready: Client) -> None:
    """A hybrid command has the same steps whichever way it is called."""
    ready.bot.add_check(pass_all, call_once=True)
    await ready.member.say(ready.channel, "!two_ways well")
    await ready.member.slash(ready.channel, "two_ways", word="well")
    units = {op_of(unit): unit for unit in await ready.transactions(2)}
    assert steps_of(units["command.prefix"]) == ALL_OK
    slash = units["command.slash"]
    assert_unit(slash, "command.slash", "two_ways", "ok", ready.member)
    assert steps_of(slash) == ALL_OK
    assert sum(span["description"] == "checks" for span in slash["spans"]) == 1


def op_of(unit: Any) -> str:
    return str(unit["contexts"]["trace"]["op"])


async def test_unsampled_has_no_steps(ready: Client) -> None:
    """In a unit that is not kept the steps run as ever, and their errors are told."""
    ready.sent.start(command_sample_rate=0.0)
    await ready.member.say(ready.channel, "!full bug")
    act = await ready.member.say(ready.channel, "!full loudly")
    assert (await ready.local.reply_to(act)).content == "well"
    assert ready.sent.transactions == []
    assert ready.sent.event["transaction"] == "full"
    assert ready.sent.event["user"] == {"id": str(ready.member.id)}


async def test_steps_sleep_with_another_client(ready: Client) -> None:
    """Under a client without the integration nothing is timed."""
    seen: list[Any] = []
    sentry_sdk.init(
        ready.sent.receiver.dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        traces_sample_rate=1.0,
        before_send_transaction=lambda event, _: seen.append(event),
    )
    act = await ready.member.say(ready.channel, "!full loudly")
    channel = ready.bot.get_channel(ready.channel.id)
    assert isinstance(channel, discord.TextChannel)
    ctx = await ready.bot.get_context(await channel.fetch_message(act.id))
    assert ctx.command is not None
    with sentry_sdk.start_transaction(op="task", name="by hand"):
        assert await ctx.command.can_run(ctx)
        assert await ready.bot.can_run(ctx, call_once=True)
    (unit,) = seen
    assert unit["spans"] == []


FAILING = [
    ("!full bug", "full", {"checks": "ok", "converters": "internal_error"}),
    (
        "!begun before",
        "begun",
        {"converters": "ok", "before_invoke": "internal_error"},
    ),
    ("!ended after", "ended", {"converters": "ok", "after_invoke": "internal_error"}),
]


@pytest.mark.parametrize(("text", "name", "steps"), FAILING)
async def test_step_fails(ready: Client, text: str, name: str, steps: dict[str, str]) -> None:
    """A step that raises is one event of its command, and the span's status."""
    await ready.member.say(ready.channel, text)
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", name, "internal_error", ready.member)
    assert_failed(ready.sent, unit)
    assert steps_of(unit) == steps


async def test_transformer_fails(ready: Client) -> None:
    """A bug in a transformer is one event of the slash command, told by what it was."""
    await ready.member.slash(ready.channel, "slash_full", word="bug")
    unit = await ready.transaction()
    assert_unit(unit, "command.slash", "slash_full", "internal_error", ready.member)
    event = ready.sent.event
    assert "LookupError" in types_of(event)
    assert trace_of(event) == trace_of(unit)
    assert event["user"] == unit["user"]


async def test_check_says_no(ready: Client) -> None:
    """A check that fails is a status of its span and of the command, and no event."""
    await ready.member.say(ready.channel, "!closed")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "closed", "permission_denied", ready.member)
    assert steps_of(unit) == {"checks": "ok"}
    assert ready.sent.events == []


async def test_cooldown(ready: Client) -> None:
    """A cooldown is a status, not an event."""
    for _ in range(2):
        await ready.member.say(ready.channel, "!cooled")
    units = await ready.transactions(2)
    assert sorted(status_of(unit) for unit in units) == ["ok", "resource_exhausted"]
    assert ready.sent.events == []


async def test_queue(ready: Client) -> None:
    """Waiting for others who run the command is a span; being sent away is a status."""
    await ready.member.say(ready.channel, "!queue")
    await ready.member.say(ready.channel, "!alone")
    await ready.member.say(ready.channel, "!alone")
    units = await ready.transactions(3)
    found = sorted((unit["transaction"], status_of(unit), steps_of(unit)) for unit in units)
    assert found == [
        ("alone", "ok", {}),
        ("alone", "resource_exhausted", {}),
        ("queue", "ok", {"max_concurrency": "ok"}),
    ]
    assert ready.sent.events == []
