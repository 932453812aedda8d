"""Somebody's bot with ``DiscordIntegration`` and the SDK's defaults: what its receiver gets."""

from __future__ import annotations

import asyncio
import importlib.util
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.examples.running import PLAIN, Script, Variant, launched, running
from tests.fakes.sent import status_of, trace_of, types_of

from tux.simulator import Fault

if TYPE_CHECKING:
    from pathlib import Path

ASYNCIO = (
    ("import sentry_sdk\n", "import sentry_sdk\nimport sentry_sdk.integrations.asyncio\n"),
    (
        "[DiscordIntegration()]",
        "[DiscordIntegration(), sentry_sdk.integrations.asyncio.AsyncioIntegration()]",
    ),
)
VARIANTS = [
    pytest.param(PLAIN, id="plain"),
    pytest.param(Variant("plain", ASYNCIO), id="asyncio"),
    pytest.param(Variant("inside", ASYNCIO), id="asyncio-inside-a-loop"),
    pytest.param(
        Variant("uvloop"),
        id="uvloop",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed"
        ),
    ),
]
MORE_COMMANDS = (
    "@tasks.loop",
    """for number in range(4):
    bot.command(name=f"price{number}")(price.callback)
    bot.tree.command(name=f"stock{number}")(stock.callback)


@tasks.loop""",
)
"""So many that none fails more often than the limiter lets pass at once."""
TOLD = {
    "Ignoring exception in command price",
    "Ignoring exception in command 'stock'",
    "Ignoring exception in view <Till",
    "Ignoring exception in on_message",
    "Unhandled exception in internal background task 'restock'",
}
"""What discord.py's own handlers log, each with the exception."""


def user_of(item: Any) -> Any:
    return item.get("user", {}).get("id")


def thing_of(number: int) -> str:
    """Name what one member alone asks for: without letters, for words of members stay at home."""
    return f"{100_000 + number}"


def value_of(event: Any) -> str:
    return str(event["exception"]["values"][-1]["value"])


def unit_of(script: Script, event: Any) -> Any:
    """Find the transaction of an event, by its trace, which is of nothing else."""
    (unit,) = [unit for unit in script.transactions if trace_of(unit) == trace_of(event)]
    return unit


@pytest.mark.parametrize("variant", VARIANTS)
async def test_each_kind_fails(variant: Variant, tmp_path: Path) -> None:
    """A unit that fails is one event: of its user, its command, its transaction's trace."""
    async with running(tmp_path, variant) as script:
        names = ("buyer", "clicker", "asker", "polite")
        buyer, clicker, asker, polite = (script.guild.add_member(name) for name in names)
        act = await buyer.say(script.channel, "!price fish")
        till = await script.local.reply_to(act)
        await clicker.click(till, "pay")
        await buyer.say(script.channel, "!price hat")
        await asker.slash(script.channel, "stock", thing="hat")
        await polite.say(script.channel, "thanks")
        await script.until(lambda: min(len(script.failed), len(script.events)) >= 5)
    assert {
        (event["transaction"], user_of(event), event["tags"].get("command"))
        for event in script.events
    } == {
        ("restock", None, None),
        ("Till.pay", str(clicker.id), None),
        ("price", str(buyer.id), "price"),
        ("stock", str(asker.id), "stock"),
        ("on_message", str(polite.id), None),
    }
    assert len(script.events) == len(script.failed) == 5
    for event in script.events:
        unit = unit_of(script, event)
        assert unit["transaction"] == event["transaction"]
        assert user_of(unit) == user_of(event)
        assert status_of(unit) == "internal_error"
        assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    if variant.how != "inside":
        # That integration captures by itself what discord.py then logs.
        assert b"event_processor" not in script.everything
    log = script.log.read_text()
    assert {line for line in TOLD if line in log} == TOLD
    # Set up before a loop runs, the SDK's AsyncioIntegration watches nothing.
    assert (b"auto.function.asyncio" in script.everything) is (variant.how == "inside")


@pytest.mark.parametrize("variant", VARIANTS)
async def test_forty_at_once(variant: Variant, tmp_path: Path) -> None:
    """Of 40 failing commands at once by 20 members none lacks its event, and none has a wrong user."""
    variant = Variant(variant.how, (*variant.changes, MORE_COMMANDS))
    async with running(tmp_path, variant) as script:
        members = [script.guild.add_member(f"member-{number}") for number in range(20)]
        acts, wanted = [], set()
        for number, member in enumerate(members):
            thing, price, stock = thing_of(number), f"price{number % 4}", f"stock{number % 4}"
            acts += [
                member.say(script.channel, f"!{price} {thing}"),
                member.slash(script.channel, stock, thing=thing),
            ]
            wanted |= {(repr(thing), str(member.id), name) for name in (price, stock)}
        await asyncio.gather(*acts)
        await script.until(lambda: min(len(script.events), len(script.failed)) >= 41)
    events = [event for event in script.events if event["transaction"] != "restock"]
    found = Counter((value_of(event), user_of(event), event["tags"]["command"]) for event in events)
    assert found == Counter(wanted)
    for event in events:
        unit = unit_of(script, event)
        assert user_of(unit) == user_of(event)
        assert unit["transaction"] == unit["tags"]["command"] == event["tags"]["command"]


async def test_forty_of_two_kinds(tmp_path: Path) -> None:
    """Many alike are held back and counted; each has its transaction and its user all the same."""
    async with running(tmp_path) as script:
        members = [script.guild.add_member(f"member-{number}") for number in range(20)]
        by_thing = {thing_of(number): member for number, member in enumerate(members)}
        await asyncio.gather(
            *(member.say(script.channel, f"!price {thing}") for thing, member in by_thing.items()),
            *(member.slash(script.channel, "stock", thing=t) for t, member in by_thing.items()),
        )
        await script.until(lambda: len(script.failed) >= 41)
    units = Counter((unit["transaction"], user_of(unit)) for unit in script.failed)
    commands = {(name, str(member.id)) for name in ("price", "stock") for member in members}
    assert units == Counter({*commands, ("restock", None)})
    held_back = script.receiver.lost["error", "sample_rate"]
    assert len(script.events) + held_back == 41
    by_value = {repr(thing): str(member.id) for thing, member in by_thing.items()}
    assert Counter(event["transaction"] for event in script.events).keys() == {
        "price",
        "stock",
        "restock",
    }
    for event in script.events:
        assert user_of(event) == by_value.get(value_of(event))
        assert user_of(unit_of(script, event)) == user_of(event)


async def test_members_err(tmp_path: Path) -> None:
    """What a member did wrong is no event, although discord.py logs it as an error."""
    async with running(tmp_path) as script:
        member = script.guild.add_member("pingu")
        for text in ("!price", "!nothing", '!price "fish'):
            await member.say(script.channel, text)
        await script.local.reply_to(await member.say(script.channel, "!price fish"))
        await script.until(
            lambda: [status_of(unit) for unit in script.transactions].count("invalid_argument") >= 2
        )
    assert [event["transaction"] for event in script.events] == ["restock"]
    # Nothing was built for it, only to be dropped and told as a loss.
    assert b"event_processor" not in script.everything
    assert script.log.read_text().count("Ignoring exception in command") == 3


async def test_tokens_stay_at_home(tmp_path: Path) -> None:
    """No byte is of a token, also where Discord refuses or breaks the calls that hold them."""
    async with running(tmp_path) as script:
        member, faults = script.guild.add_member("pingu"), script.local.faults
        callback = "/interactions/{interaction_id}/{token}/callback"
        webhook = "/webhooks/{application_id}/{token}"
        faults.add(Fault("POST", callback, 400, code=50035))
        await member.slash(script.channel, "stock", thing="fish")
        await script.until(lambda: len(script.events) >= 2)
        faults.add(Fault("POST", webhook, 400, code=50035))
        await member.slash(script.channel, "stock", thing="fish")
        await script.until(lambda: len(script.events) >= 3)
        faults.add(Fault("POST", webhook, drop=True))
        await member.slash(script.channel, "stock", thing="fish")
        await script.until(lambda: len(script.events) >= 4)
        faults.add(Fault("POST", "/channels/{channel_id}/messages", 400, code=50035))
        await member.say(script.channel, "!price fish")
        await script.until(lambda: len(script.events) >= 5)
    assert {types_of(event)[-1] for event in script.events[1:]} == {
        "HTTPException",
        "ServerDisconnectedError",
    }
    paths = [one.path for one in script.local.requests]
    used = {token for token in script.local._state.interactions if any(token in p for p in paths)}
    assert len(used) == 3
    for token in (script.local.token, *used):
        assert token.encode() not in script.everything


async def test_wrong_token(tmp_path: Path) -> None:
    """A bot that is not let in ends with one event, and its token is not in it."""
    token = "somebodys.wrong.token"
    async with launched(tmp_path, token=token) as script:
        assert await script.end() == 1, script.log.read_text()
    (event,) = script.events
    assert types_of(event)[-1] == "LoginFailure"
    assert token.encode() not in script.everything
