"""Listeners of the bot and its ``on_error``, also for words that are no command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import trace_of, types_of
from tests.sentry.watched import fail

if TYPE_CHECKING:
    from discord.ext import commands
    from tests.fakes.discord_client import Client


async def on_thing(member: Any) -> None:
    fail()


async def on_loud_thing(member: Any) -> None:
    fail()


@pytest.mark.parametrize("way", ["event", "listen"])
async def test_listener(client: Client, way: str) -> None:
    """A function that the bot was given for an event is a unit, however it was given."""
    if way == "event":
        client.bot.event(on_thing)
    else:
        client.bot.listen("on_thing")(on_thing)
    client.bot.dispatch("thing", await client.bot.fetch_user(client.member.id))
    unit = await client.transaction()
    assert_unit(unit, "event.discord", "on_thing", "internal_error", client.member)
    assert unit["tags"]["listener"] == "on_thing"
    assert_failed(client.sent, unit)


async def test_each_listener_is_a_unit(client: Client) -> None:
    """Two listeners of one event are two units, and two failures of them two events."""
    client.bot.listen("on_thing")(on_thing)
    client.bot.listen("on_thing")(on_loud_thing)
    client.bot.dispatch("thing", None)
    units = await client.transactions(2)
    assert {unit["tags"]["listener"] for unit in units} == {"on_thing", "on_loud_thing"}
    assert {trace_of(event) for event in client.sent.events} == {trace_of(unit) for unit in units}


@pytest.mark.parametrize("way", ["captures", "raises again", "fails"])
async def test_on_error(client: Client, way: str) -> None:
    """The client's own handler tells of no failure again, but of its own, of the same member."""

    async def on_error(name: str, *args: Any, **kwargs: Any) -> None:
        if way == "captures":
            sentry_sdk.capture_exception()
        elif way == "raises again":
            raise  # noqa: PLE0704  # discord.py calls it where the error is being handled
        else:
            raise ZeroDivisionError

    client.bot.event(on_error)
    client.bot.listen("on_thing")(on_thing)
    client.bot.dispatch("thing", await client.bot.fetch_user(client.member.id))
    unit = await client.transaction()
    events = client.sent.events
    expected = ["LookupError", "ZeroDivisionError"] if way == "fails" else ["LookupError"]
    assert [types_of(event)[-1] for event in events] == expected
    for event in events:
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
        assert event["user"] == {"id": str(client.member.id)}
        assert trace_of(event) == trace_of(unit)


async def test_on_error_of_a_command(client: Client) -> None:
    """What the client's handler raises about a command's raw error is of that command."""

    async def on_error(name: str, *args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    client.bot.event(on_error)
    await client.member.say(client.channel, "!checked")
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", "checked", "internal_error", client.member)
    assert [types_of(event)[-1] for event in client.sent.events] == [
        "LookupError",
        "ZeroDivisionError",
    ]
    for event in client.sent.events:
        assert event["transaction"] == "checked"
        assert event["user"] == unit["user"]
        assert trace_of(event) == trace_of(unit)


async def test_handler_of_commands_fails(client: Client) -> None:
    """A failing ``on_command_error`` is one event of its command, and no unit of its own."""

    async def on_command_error(ctx: Any, error: commands.CommandError) -> None:
        raise ZeroDivisionError

    client.bot.event(on_command_error)
    await client.member.say(client.channel, "!number seven")
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", "number", "invalid_argument", client.member)
    event = client.sent.event
    assert types_of(event)[-1] == "ZeroDivisionError"
    assert event["user"] == unit["user"]
    assert event["tags"]["command"] == "number"
    assert trace_of(event) == trace_of(unit)


async def test_listener_of_commands(client: Client) -> None:
    """A listener that is told of commands is no unit, and what goes wrong about it is of theirs."""

    async def on_command(ctx: Any) -> None:
        """Do nothing, but be there."""

    async def on_command_completion(ctx: Any) -> None:
        fail()

    async def on_error(name: str, *args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    for listener in (on_command, on_command_completion, on_error):
        client.bot.event(listener)
    await client.member.say(client.channel, "!good")
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", "good", "ok", client.member)
    assert [types_of(event)[-1] for event in client.sent.events] == [
        "LookupError",
        "ZeroDivisionError",
    ]
    for event in client.sent.events:
        assert event["user"] == unit["user"]
        assert trace_of(event) == trace_of(unit)


async def test_handler_of_no_command_fails(client: Client) -> None:
    """An ``on_command_error`` that fails about a word that is no command tells who wrote it."""

    async def on_command_error(ctx: Any, error: commands.CommandError) -> None:
        raise ZeroDivisionError

    client.bot.event(on_command_error)
    for _ in range(2):
        await client.member.say(client.channel, "!nothing")
    while len(client.sent.events) < 2:
        await client.transactions(0)
    first, second = client.sent.events
    for event in (first, second):
        assert types_of(event)[-1] == "ZeroDivisionError"
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
        assert event["user"] == {"id": str(client.member.id)}
        assert event["tags"]["event"] == "on_command_error"
        assert event["tags"]["guild_id"] == str(client.guild.id)
    assert trace_of(first) != trace_of(second)
