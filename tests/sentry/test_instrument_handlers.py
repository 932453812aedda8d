"""Handlers of the bot's own: the event says who was told, and what a handler raises is told, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord import app_commands
from discord.ext import commands
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import attributes_of, trace_of, types_of
from tests.sentry.watched import Ctx, Interaction, fail

from tux.core.hybrid import hybrid_command

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client


class HandlerError(Exception):
    """What a handler raises."""


class Sorry:
    """Notes that it was called; it may fail at that."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.mishap: Exception | None = None

    def note(self, name: str) -> None:
        self.called.append(name)
        if self.mishap is not None:
            raise self.mishap


class Local(commands.Cog):
    """Commands with handlers of their own."""

    def __init__(self, sorry: Sorry) -> None:
        self.sorry = sorry

    @commands.command()
    async def own(self, ctx: Ctx, number: int = 1) -> None:
        fail()

    @own.error
    async def on_own(self, ctx: Ctx, error: commands.CommandError) -> None:
        self.sorry.note("own")

    @app_commands.command()
    async def slash_own(self, interaction: Interaction) -> None:
        fail()

    @slash_own.error
    async def on_slash_own(self, interaction: Interaction, error: Exception) -> None:
        self.sorry.note("slash_own")


class OfCog(commands.Cog):
    """Commands whose cog has the handlers."""

    def __init__(self, sorry: Sorry) -> None:
        self.sorry = sorry

    async def cog_command_error(self, ctx: Any, error: Exception) -> None:
        self.sorry.note("cog")

    async def cog_app_command_error(self, interaction: Any, error: Exception) -> None:
        self.sorry.note("cog")

    @commands.command()
    async def prefixed(self, ctx: Ctx) -> None:
        fail()

    @app_commands.command()
    async def slashed(self, interaction: Interaction) -> None:
        fail()

    @hybrid_command()
    async def hybrid(self, ctx: Ctx) -> None:
        fail()


class Grouped(app_commands.Group, name="grouped"):
    """A group with a handler for all of its commands."""

    def __init__(self, sorry: Sorry) -> None:
        super().__init__(description="grouped")
        self.sorry = sorry
        self.add_command(app_commands.Command(name="part", description="d", callback=part))
        inner = app_commands.Group(name="inner", description="d", parent=self)
        inner.add_command(app_commands.Command(name="part", description="d", callback=part))

    async def on_error(self, interaction: Any, error: app_commands.AppCommandError, /) -> None:
        self.sorry.note("group")


async def part(interaction: Any) -> None:
    fail()


async def lonely(interaction: Any) -> None:
    fail()


@pytest.fixture
def sorry() -> Sorry:
    return Sorry()


@pytest.fixture
async def ready(client: Client, sorry: Sorry) -> Client:
    tree = client.bot.tree
    await client.bot.add_cog(Local(sorry))
    await client.bot.add_cog(OfCog(sorry))
    tree.add_command(Grouped(sorry))
    tree.add_command(app_commands.Command(name="lonely", description="d", callback=lonely))
    await tree.sync()
    return client


def of_tree(client: Client, sorry: Sorry) -> None:
    async def on_error(interaction: Any, error: app_commands.AppCommandError) -> None:
        sorry.note("tree")

    client.bot.tree.error(on_error)


async def use(client: Client, command: str) -> str:
    """Use a command in the way that it is written; gives the op of its unit."""
    if command.startswith("/"):
        await client.member.slash(client.channel, command[1:])
        return "command.slash"
    await client.member.say(client.channel, command)
    return "command.prefix"


HANDLED = [
    ("!own", "command", "own"),
    ("!prefixed", "cog", "cog"),
    ("!hybrid", "cog", "cog"),
    ("/slash_own", "command", "slash_own"),
    ("/slashed", "cog", "cog"),
    ("/hybrid", "cog", "cog"),
    ("/grouped part", "group", "group"),
    ("/grouped inner part", "group", "group"),
    ("/lonely", "tree", "tree"),
]


@pytest.mark.parametrize(("command", "kind", "called"), HANDLED)
async def test_handled(ready: Client, sorry: Sorry, command: str, kind: str, called: str) -> None:
    """A failure that a handler is told of is one event that names it, and is counted."""
    if kind == "tree":
        of_tree(ready, sorry)
    op = await use(ready, command)
    unit = await ready.transaction()
    assert_unit(unit, op, command[1:], "internal_error", ready.member)
    event = assert_failed(ready.sent, unit, handled=True)
    assert event["tags"]["error.handler"] == kind
    assert sorry.called == [called]
    (metric,) = ready.sent.metrics_of("errors.handled")
    told = attributes_of(metric)
    assert (metric["value"], told["handler"], told["error"]) == (1, kind, "LookupError")


async def test_nobody_handles(ready: Client) -> None:
    """A failure without a handler names none, and is not counted."""
    await use(ready, "/lonely")
    event = assert_failed(ready.sent, await ready.transaction(), handled=False)
    assert "error.handler" not in event["tags"]
    assert ready.sent.metrics_of("errors.handled") == []


async def test_mistake_is_handled(ready: Client, sorry: Sorry) -> None:
    """A member's mistake is counted where a handler answers it, and stays at home."""
    await ready.member.say(ready.channel, "!own many")
    unit = await ready.transaction()
    assert_unit(unit, "command.prefix", "own", "invalid_argument", ready.member)
    assert sorry.called == ["own"]
    assert ready.sent.events == []
    (metric,) = ready.sent.metrics_of("errors.handled")
    assert attributes_of(metric)["error"] == "BadArgument"


@pytest.mark.parametrize(("command", "kind", "called"), HANDLED)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_handler_fails(
    ready: Client, sorry: Sorry, command: str, kind: str, called: str, *, wrapped: bool
) -> None:
    """What a handler raises is one unhandled event more, of the same member and trace."""
    is_slash = command.startswith("/")
    wrapper = app_commands.AppCommandError if is_slash else commands.CommandError
    sorry.mishap = wrapper("mishap") if wrapped else HandlerError("mishap")
    if kind == "tree":
        of_tree(ready, sorry)
    await use(ready, command)
    unit = await ready.transaction()
    first, second = ready.sent.events
    assert types_of(first)[-1] == "LookupError"
    assert types_of(second)[-1] == type(sorry.mishap).__name__
    for event, handled in ((first, True), (second, False)):
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is handled
        assert event["user"] == {"id": str(ready.member.id)}
        assert event["transaction"] == unit["transaction"]
        assert trace_of(event) == trace_of(unit)


async def test_handler_raises_it_again(ready: Client, sorry: Sorry) -> None:
    """A handler that raises what it was given tells of no other failure."""

    class Again(commands.Cog):
        async def cog_command_error(self, ctx: Any, error: Exception) -> None:
            raise error

        @commands.command()
        async def again(self, ctx: Ctx) -> None:
            fail()

    await ready.bot.add_cog(Again())
    await ready.member.say(ready.channel, "!again")
    assert_failed(ready.sent, await ready.transaction(), handled=True)


async def test_tree_says_no(ready: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree whose check says no is a status."""

    async def check(interaction: Any) -> bool:
        return False

    monkeypatch.setattr(ready.bot.tree, "interaction_check", check)
    await use(ready, "/lonely")
    unit = await ready.transaction()
    assert_unit(unit, "command.slash", "lonely", "permission_denied", ready.member)
    assert ready.sent.events == []


async def test_tree_check_is_handled(
    ready: Client, sorry: Sorry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tree's handler is told of its check's error when the unit is over, and belongs to it."""

    async def check(interaction: Any) -> bool:
        raise app_commands.CheckFailure("no")

    of_tree(ready, sorry)
    sorry.mishap = LookupError("mishap")
    monkeypatch.setattr(ready.bot.tree, "interaction_check", check)
    await use(ready, "/lonely")
    unit = await ready.transaction()
    assert_unit(unit, "command.slash", "lonely", "permission_denied", ready.member)
    assert_failed(ready.sent, unit, handled=False)


@pytest.mark.parametrize("handled", [False, True])
async def test_unsynced_group(ready: Client, sorry: Sorry, *, handled: bool) -> None:
    """A hybrid command that Discord knows otherwise is one warning."""

    async def changed(ctx: Ctx, word: str) -> None:
        """Never run."""

    ready.bot.remove_command("hybrid")
    ready.bot.add_command(commands.HybridCommand(changed, name="hybrid", description="d"))
    if handled:
        of_tree(ready, sorry)
    await use(ready, "/hybrid")
    unit = await ready.transaction()
    assert_unit(unit, "command.slash", "hybrid", "not_found", ready.member)
    event = ready.sent.event
    assert (event["level"], types_of(event)) == ("warning", ["CommandSignatureMismatch"])
    assert event["tags"].get("error.handler") == ("tree" if handled else None)
