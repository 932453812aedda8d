"""A real bot on a local Discord: one unit of work is one transaction, one failure one event."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.fakes.discord_client import assert_failed, assert_unit
from tests.fakes.sent import crumbs_of, status_of, trace_of

from tux.simulator import Fault

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client


async def test_prefix(client: Client) -> None:
    """A command that works is a transaction with its place, and its REST calls are spans."""
    await client.member.say(client.channel, "!good")
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", "good", "ok", client.member)
    assert unit["tags"] == {
        "command": "good",
        "cog": "Watched",
        "feature": "Watched",
        "guild.size": "1-99",
        "command.kind": "prefix",
        "guild_id": str(client.guild.id),
        "channel_id": str(client.channel.id),
        "shard": "0",
    }
    assert "message_id" in unit["contexts"]["discord"]
    (span,) = unit["spans"]
    assert (span["op"], span["description"]) == (
        "http.client",
        "POST /channels/{channel_id}/messages",
    )
    assert client.sent.events == []


PREFIX = [
    ("!bad", "bad", "internal_error", False),
    ("!case close", "case close", "internal_error", False),
    ("!checked", "checked", "internal_error", False),
    ("!both", "both", "internal_error", False),
    ("!slow", "slow", "internal_error", False),
    ("!gently", "gently", "internal_error", True),
]


@pytest.mark.parametrize(("text", "name", "status", "handled"), PREFIX)
async def test_prefix_fails(
    client: Client, text: str, name: str, status: str, *, handled: bool
) -> None:
    """A command that fails, in its check or its body, is one event of its transaction."""
    await client.member.say(client.channel, text)
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", name, status, client.member)
    event = assert_failed(client.sent, unit, handled=handled)
    assert event["tags"]["command"] == name
    assert client.cog.handled == (["gently"] if handled else [])


async def test_member_errs(client: Client) -> None:
    """A wrong argument is a status, and an unknown command is nothing at all."""
    await client.member.say(client.channel, "!nothing")
    await client.member.say(client.channel, "!number seven")
    unit = await client.transaction()
    assert_unit(unit, "command.prefix", "number", "invalid_argument", client.member)
    assert client.sent.events == []


SLASH = [
    ("slash_bad", "internal_error", False),
    ("slash_checked", "internal_error", False),
    ("both", "internal_error", False),
    ("slash_gently", "internal_error", True),
]


async def test_slash(client: Client) -> None:
    """A slash command is a transaction; its answer names the route, not the token."""
    await client.member.slash(client.channel, "slash_good")
    unit = await client.transaction()
    assert_unit(unit, "command.slash", "slash_good", "ok", client.member)
    assert unit["tags"]["cog"] == "Watched"
    assert [span["description"] for span in unit["spans"]] == [
        "POST /interactions/{webhook_id}/{webhook_token}/callback"
    ]
    (path,) = [one.path for one in client.local.requests if one.path.endswith("/callback")]
    token = path.split("/")[-2]
    assert token.encode() not in client.sent.everything
    assert client.local.token.encode() not in client.sent.everything


@pytest.mark.parametrize(("name", "status", "handled"), SLASH)
async def test_slash_fails(client: Client, name: str, status: str, *, handled: bool) -> None:
    """A slash command that fails, in its check or its body, is one event of its transaction."""
    await client.member.slash(client.channel, name)
    unit = await client.transaction()
    assert_unit(unit, "command.slash", name, status, client.member)
    assert_failed(client.sent, unit, handled=handled)
    assert client.cog.handled == ([name] if handled else [])


async def test_slash_cooldown(client: Client) -> None:
    """A cooldown is a status, not an event."""
    for _ in range(2):
        await client.member.slash(client.channel, "slash_cooled")
    units = await client.transactions(2)
    assert sorted(status_of(unit) for unit in units) == ["ok", "resource_exhausted"]
    assert client.sent.events == []


async def test_unsynced_slash(client: Client) -> None:
    """A command that Discord knows and the bot does not is one warning."""
    client.bot.tree.remove_command("slash_good")
    await client.member.slash(client.channel, "slash_good")
    unit = await client.transaction()
    assert_unit(unit, "command.slash", "slash_good", "not_found", client.member)
    assert client.sent.event["level"] == "warning"
    assert client.sent.event["fingerprint"] == ["command-tree-out-of-sync", "slash_good"]


@pytest.mark.parametrize("word", ["good", "bad"])
async def test_autocomplete(client: Client, word: str) -> None:
    """Suggestions are a unit of their own, which may fail."""
    await client.member.autocomplete(client.channel, "complete", "word", word)
    unit = await client.transaction()
    status = "internal_error" if word == "bad" else "ok"
    assert_unit(unit, "command.autocomplete", "complete", status, client.member)
    if word == "bad":
        assert_failed(client.sent, unit)
    else:
        assert client.sent.events == []


@pytest.mark.parametrize("button", ["good", "bad"])
async def test_button(client: Client, button: str) -> None:
    """A click is a unit of who clicked, apart from the command that sent the button."""
    act = await client.member.say(client.channel, "!panel")
    panel = await client.local.reply_to(act)
    other = client.guild.add_member("robby")
    await other.click(panel, button)
    sender, unit = await client.transactions(2)
    status = "internal_error" if button == "bad" else "ok"
    assert_unit(unit, "ui.action", f"Panel.{button}", status, other)
    assert trace_of(unit) != trace_of(sender)
    if button == "bad":
        assert_failed(client.sent, unit)
    else:
        assert client.sent.events == []


@pytest.mark.parametrize("word", ["good", "bad"])
async def test_modal(client: Client, word: str) -> None:
    """A form that is sent is a unit of its own."""
    act = await client.member.slash(client.channel, "form")
    form = await client.local.reply_to(act)
    await client.member.submit_modal(form, word=word)
    _, unit = await client.transactions(2)
    status = "internal_error" if word == "bad" else "ok"
    assert_unit(unit, "ui.action", "Form", status, client.member)
    if word == "bad":
        assert_failed(client.sent, unit)
    else:
        assert client.sent.events == []


async def test_timeout_of_a_view(client: Client) -> None:
    """A view that times out has nothing of the member whose command sent it."""
    await client.member.say(client.channel, "!closing")
    sender, unit = await client.transactions(2)
    assert_unit(unit, "ui.timeout", "Closing.on_timeout", "internal_error")
    event = assert_failed(client.sent, unit)
    assert trace_of(unit) != trace_of(sender)
    assert crumbs_of(event) == []


@pytest.mark.parametrize("word", ["good", "bad"])
async def test_listener(client: Client, word: str) -> None:
    """A listener is a unit that knows whom the event is about."""
    member = client.bot.get_user(client.member.id) or await client.bot.fetch_user(client.member.id)
    client.bot.dispatch("somebody", member, word)
    unit = await client.transaction()
    status = "internal_error" if word == "bad" else "ok"
    assert_unit(unit, "event.discord", "on_somebody", status, client.member)
    assert unit["tags"]["listener"] == "Watched.on_somebody"
    if word == "bad":
        assert_failed(client.sent, unit)
    else:
        assert client.sent.events == []


async def test_loop_dies(client: Client) -> None:
    """Each iteration is a unit; the error that ends the loop is one event that says so."""
    loop = client.cog.make_loop(None, LookupError("loop"))
    task = loop.start()
    with pytest.raises(LookupError):
        await task
    units = await client.transactions(2)
    name = "Watched.make_loop.<locals>.iteration"
    assert_unit(units[0], "task.loop", name, "ok")
    assert_unit(units[1], "task.loop", name, "internal_error")
    assert trace_of(units[0]) != trace_of(units[1])
    event = assert_failed(client.sent, units[1])
    assert event["tags"]["task.dead"] == "true"
    assert loop.failed()


async def test_loop_that_a_command_starts(client: Client) -> None:
    """It has neither the user nor the tags nor the trace of the command."""
    await client.member.say(client.channel, "!begin")
    units = await client.transactions(3)
    command = next(unit for unit in units if unit["transaction"] == "begin")
    loops = [unit for unit in units if unit is not command]
    assert {trace_of(unit) for unit in loops}.isdisjoint({trace_of(command)})
    event = assert_failed(client.sent, loops[1])
    assert "user" not in event
    assert set(event["tags"]) == {"loop", "task.dead"}


async def test_units_leave_nothing(client: Client) -> None:
    """After a unit the scope of the process is as before."""
    await client.member.say(client.channel, "!bad")
    await client.transaction()
    sentry_sdk.capture_message("look")
    event = client.sent.events[-1]
    assert "user" not in event
    assert not event.get("tags")


async def test_users_at_once(client: Client) -> None:
    """Commands at once each have their own user, trace and event, also from a child task."""
    client.sent.start(limit_burst=100)
    members = [client.guild.add_member(f"member-{number}") for number in range(20)]
    await asyncio.gather(*(member.say(client.channel, "!slow") for member in members))
    units = await client.transactions(20)
    traces = {trace_of(unit): unit["user"]["id"] for unit in units}
    assert set(traces.values()) == {str(member.id) for member in members}
    for event in client.sent.events:
        assert event["exception"]["values"][-1]["value"] == event["user"]["id"]
        assert traces[trace_of(event)] == event["user"]["id"]
    assert len(client.sent.events) == 20


async def test_discord_fails(client: Client) -> None:
    """A refusal of Discord is the span's and the command's status, and no event where expected."""
    client.local.faults.add(
        Fault("POST", "/channels/{channel_id}/messages", status=403, code=50013)
    )
    await client.member.say(client.channel, "!good")
    unit = await client.transaction()
    assert status_of(unit) == "permission_denied"
    assert unit["spans"][0]["status"] == "permission_denied"
    assert client.sent.events == []
