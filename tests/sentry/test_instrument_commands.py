"""Commands within commands: groups, hybrids both ways, invoke and reinvoke, help, hooks after."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from discord.ext import commands
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import trace_of, types_of
from tests.sentry.watched import Ctx, fail

from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client


class AfterError(Exception):
    """What a hook after a command raises."""


async def before(*_: object) -> None:
    fail("before")


def raw_check(_: object) -> bool:
    raise LookupError("check")


def pass_none(_: object) -> bool:
    return False


class Within(commands.Cog):
    def __init__(self) -> None:
        self.after: Exception | None = None
        self.has_repeated = False

    # Groups.
    @commands.group(invoke_without_command=True)
    async def alone(self, ctx: Ctx) -> None:
        fail("group")

    @alone.command()  # type: ignore[arg-type]  # a union of callables, which mypy does not solve
    async def deep(self, ctx: Ctx) -> None:
        fail("deep")

    @alone.command()  # type: ignore[arg-type]  # as above
    @commands.before_invoke(before)
    async def hooked(self, ctx: Ctx) -> None:
        """Never run."""

    @commands.hybrid_group(fallback="show")  # type: ignore[arg-type]  # as above
    async def mixed(self, ctx: Ctx) -> None:
        fail("fallback")

    @mixed.command()  # type: ignore[arg-type]  # as above
    async def inner(self, ctx: Ctx, number: int = 1) -> None:
        fail("inner")

    @mixed.command()  # type: ignore[arg-type]  # as above
    @commands.check(pass_none)
    async def closed(self, ctx: Ctx) -> None:
        """Never run."""

    @mixed.command()  # type: ignore[arg-type]  # as above
    @commands.check(raw_check)
    async def broken(self, ctx: Ctx) -> None:
        """Never run."""

    # Commands that run others.
    @commands.command()
    async def target(self, ctx: Ctx) -> None:
        fail("target")

    @commands.command()
    async def invoking(self, ctx: Ctx) -> None:
        await ctx.invoke(self.target)

    @commands.command()
    async def repeating(self, ctx: Ctx) -> None:
        if not self.has_repeated:
            self.has_repeated = True
            await ctx.reinvoke()
        fail("repeated")

    # Hooks after.
    @commands.command()
    async def ending(self, ctx: Ctx) -> None:
        fail("command")

    @ending.after_invoke
    async def end(self, ctx: Ctx) -> None:
        if self.after is not None:
            raise self.after
        # That of the command itself, found as a hook can.
        raise_caught()

    @hybrid_command()
    async def ending_well(self, ctx: Ctx) -> None:
        await ctx.send("well")

    @ending_well.after_invoke
    async def end_well(self, ctx: Ctx) -> None:
        fail("after")

    @ending_well.error
    async def on_ending(self, ctx: Ctx, error: Exception) -> None:
        """Never told of a hook."""


def raise_caught() -> None:
    error = sys.exception()
    assert isinstance(error, commands.CommandInvokeError)
    raise error.original


@pytest.fixture
def cog() -> Within:
    return Within()


@pytest.fixture
async def ready(client: Client, cog: Within) -> Client:
    await client.bot.add_cog(cog)
    await client.bot.tree.sync()
    return client


async def use(client: Client, command: str) -> str:
    """Use a command in the way that it is written; gives the op of its unit."""
    if command.startswith("/"):
        await client.member.slash(client.channel, command[1:])
        return "command.slash"
    await client.member.say(client.channel, command)
    return "command.prefix"


FAILING = [
    ("!alone", "group"),
    ("!alone deep", "deep"),
    ("!alone hooked", "before"),
    ("!mixed", "fallback"),
    ("!mixed inner", "inner"),
    ("!mixed broken", "check"),
    ("/mixed show", "fallback"),
    ("/mixed inner", "inner"),
    ("/mixed broken", "check"),
    ("!invoking", "target"),
    ("!repeating", "repeated"),
    ("!ending_well", "after"),
    ("/ending_well", "after"),
]


@pytest.mark.parametrize(("command", "word"), FAILING)
async def test_fails(ready: Client, command: str, word: str) -> None:
    """A failure within is one event, under the name of the command that the member used."""
    op = await use(ready, command)
    unit = await ready.transaction()
    assert_unit(unit, op, command[1:], "internal_error", ready.member)
    assert unit["tags"]["command"] == command[1:]
    event = assert_failed(ready.sent, unit)
    assert event["exception"]["values"][-1]["value"] == word


@pytest.mark.parametrize("command", ["!mixed closed", "/mixed closed"])
async def test_check_of_a_group(ready: Client, command: str) -> None:
    """A hybrid's check that says no is a status, whichever way it was asked."""
    op = await use(ready, command)
    unit = await ready.transaction()
    assert_unit(unit, op, "mixed closed", "permission_denied", ready.member)
    assert ready.sent.events == []


async def test_argument_of_a_hybrid(ready: Client) -> None:
    """A wrong argument of a hybrid group's command is a status."""
    await use(ready, "!mixed inner many")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "mixed inner", "invalid_argument", ready.member)
    assert ready.sent.events == []


@pytest.mark.parametrize("error", [AfterError("after"), commands.CommandError("after")])
async def test_hook_hides_the_error(ready: Client, cog: Within, error: Exception) -> None:
    """A hook that raises after a command that failed does not hide the command's failure."""
    cog.after = error
    await use(ready, "!ending")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "ending", "internal_error", ready.member)
    events = ready.sent.events
    assert [types_of(event)[-1] for event in events] == ["LookupError", type(error).__name__]
    for event in events:
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
        assert event["user"] == unit["user"]
        assert trace_of(event) == trace_of(unit)


async def test_hook_raises_the_same(ready: Client) -> None:
    """A hook that raises the command's own error again tells of no other failure."""
    await use(ready, "!ending")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "ending", "internal_error", ready.member)
    event = assert_failed(ready.sent, unit)
    assert event["exception"]["values"][-1]["value"] == "command"


class Help(commands.MinimalHelpCommand):
    async def send_command_help(self, command: Any, /) -> None:
        fail("help")


class GentleHelp(Help):
    async def on_help_command_error(self, ctx: Any, error: Any, /) -> None:
        """Say nothing."""


@pytest.mark.parametrize("kind", [Help, GentleHelp])
async def test_help(ready: Client, kind: type[Help]) -> None:
    """The help command is a command like others, with a handler of its own or without."""
    ready.bot.help_command = kind()
    await use(ready, "!help good")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "help", "internal_error", ready.member)
    assert_failed(ready.sent, unit, handled=kind is GentleHelp)
