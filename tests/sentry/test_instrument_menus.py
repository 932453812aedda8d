"""Commands in the menus of members and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import attributes_of, trace_of, types_of
from tests.sentry.watched import fail

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client

Called = discord.Interaction[Any]


async def greet(interaction: Called, member: discord.Member) -> None:
    await interaction.response.send_message(f"hello {member.name}")


async def report(interaction: Called, message: discord.Message) -> None:
    await interaction.response.send_message("trying")
    fail(message.content)


def says_no(_: Called) -> bool:
    return False


def breaks(_: Called) -> bool:
    raise LookupError("check")


@pytest.fixture
async def ready(client: Client) -> Client:
    menus = [
        app_commands.ContextMenu(name="Greet", callback=greet),
        app_commands.ContextMenu(name="Report", callback=report),
        app_commands.ContextMenu(name="Closed", callback=app_commands.check(says_no)(copy_of())),
        app_commands.ContextMenu(name="Broken", callback=app_commands.check(breaks)(copy_of())),
    ]
    for menu in menus:
        client.bot.tree.add_command(menu)
    await client.bot.tree.sync()
    return client


def copy_of() -> Any:
    async def never(interaction: Called, member: discord.Member) -> None:
        """Never run."""

    return never


async def use_on_message(client: Client, name: str) -> None:
    act = await client.member.say(client.channel, "a message")
    assert act.message is not None
    await client.member.use_menu(client.channel, name, act.message)


async def test_menu(ready: Client) -> None:
    """A command of a menu is a unit of who used it, not of whom it is about."""
    other = ready.guild.add_member("robby")
    act = await ready.member.use_menu(ready.channel, "Greet", other)
    assert (await ready.local.reply_to(act)).content == "hello robby"
    unit = await ready.transaction()
    assert_unit(unit, "command.menu", "Greet", "ok", ready.member)
    assert unit["tags"]["command"] == "Greet"
    assert unit["tags"]["guild_id"] == str(ready.guild.id)
    assert [span["op"] for span in unit["spans"]] == ["http.client"]
    assert ready.sent.events == []


async def test_menu_fails(ready: Client) -> None:
    """A command of a menu that fails is one event of its transaction."""
    await use_on_message(ready, "Report")
    unit = await ready.transaction()
    assert_unit(unit, "command.menu", "Report", "internal_error", ready.member)
    event = assert_failed(ready.sent, unit)
    assert event["tags"]["error.wrapper"] == "CommandInvokeError"


async def test_check_says_no(ready: Client) -> None:
    """A check that says no is a span and a status, and no event."""
    await ready.member.use_menu(ready.channel, "Closed", ready.member)
    unit = await ready.transaction()
    assert_unit(unit, "command.menu", "Closed", "permission_denied", ready.member)
    assert [span["description"] for span in unit["spans"]] == ["checks"]
    assert ready.sent.events == []


async def test_check_fails(ready: Client) -> None:
    """A check that raises is one event."""
    await ready.member.use_menu(ready.channel, "Broken", ready.member)
    unit = await ready.transaction()
    assert_unit(unit, "command.menu", "Broken", "internal_error", ready.member)
    assert_failed(ready.sent, unit)
    assert [span["status"] for span in unit["spans"]] == ["internal_error"]


@pytest.mark.parametrize("kind", ["command", "tree"])
@pytest.mark.parametrize("fails", [False, True])
async def test_menu_is_handled(ready: Client, kind: str, *, fails: bool) -> None:
    """The event names the handler; what the handler raises is one unhandled event more."""
    called: list[str] = []

    async def on_error(interaction: Called, error: app_commands.AppCommandError) -> None:
        called.append(type(error).__name__)
        if fails:
            raise ZeroDivisionError

    if kind == "command":
        menu = ready.bot.tree.get_command("Report", type=discord.AppCommandType.message)
        assert menu is not None
        menu.error(on_error)
    else:
        ready.bot.tree.error(on_error)
    await use_on_message(ready, "Report")
    unit = await ready.transaction()
    assert called == ["CommandInvokeError"]
    event, *others = ready.sent.events
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is True
    assert event["tags"]["error.handler"] == kind
    assert [types_of(other)[-1] for other in others] == ["ZeroDivisionError"] * fails
    for one in (event, *others):
        assert one["user"] == {"id": str(ready.member.id)}
        assert trace_of(one) == trace_of(unit)
    for other in others:
        assert other["exception"]["values"][-1]["mechanism"]["handled"] is False
    (metric,) = ready.sent.metrics_of("errors.handled")
    assert attributes_of(metric)["handler"] == kind


async def test_unsynced_menu(ready: Client) -> None:
    """A menu's command that Discord knows and the bot does not is one warning."""
    ready.bot.tree.remove_command("Greet", type=discord.AppCommandType.user)
    await ready.member.use_menu(ready.channel, "Greet", ready.member)
    unit = await ready.transaction()
    assert_unit(unit, "command.menu", "Greet", "not_found", ready.member)
    assert ready.sent.event["fingerprint"] == ["command-tree-out-of-sync", "Greet"]
