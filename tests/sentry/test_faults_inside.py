"""A fault of the layer itself: the bot's work goes on, the fault is counted."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import sentry_sdk
from loguru import logger
from tests.fakes.sent import attributes_of

from tux.services.sentry import capture_exception, start_transaction, units
from tux.services.sentry.health import internal_errors
from tux.services.sentry.instrument import commands as prefix_commands
from tux.services.sentry.instrument import events
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent


def broken(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("a fault of telemetry")


PLACES = [(units, "fork_of"), (units, "draw"), (units, "start_kept"), (units, "_finish")]


@pytest.mark.parametrize(("module", "name"), PLACES, ids=lambda part: str(part)[-30:])
async def test_a_unit_that_cannot_be_opened(
    client: Client, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    """The command runs and answers; what is around is as before."""
    before = internal_errors()
    monkeypatch.setattr(module, name, broken)
    act = await client.member.say(client.channel, "!good")
    assert (await client.local.reply_to(act)).content == "well"
    async with asyncio.timeout(10):
        # The unit ends after the answer.
        while internal_errors() == before:  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.01)
    assert units.current_work() is None


@pytest.mark.parametrize("module", [prefix_commands, events], ids=["command", "listener"])
async def test_facts_that_cannot_be_read(
    client: Client, monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    """What is left of the event arrives: the error, the name, the trace."""
    monkeypatch.setattr(module, "facts_of", broken)
    monkeypatch.setattr(events, "_facts", broken)
    if module is events:
        client.bot.dispatch("somebody", None, "bad")
    else:
        await client.member.say(client.channel, "!bad")
    unit = await client.transaction()
    assert client.sent.event["transaction"] == unit["transaction"]
    assert "user" not in client.sent.event


def test_a_sampler_that_raises(sent: Sent) -> None:
    """A user's sampler with a bug keeps nothing, and stops nothing."""
    before = internal_errors()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sentry_sdk.get_client().options, "traces_sampler", broken)
        with start_transaction(op="task", name="clean"), unit_of_work(Unit("task.loop", "loop")):
            capture_exception(LookupError())
    assert internal_errors() == before + 2
    assert sent.transactions == []
    assert sent.event["transaction"] == "loop"


async def test_logs_and_metrics_say_for_whom(client: Client) -> None:
    """Lines of a command have its member and its place, though no event processor sees them."""

    @client.bot.command()
    async def tell(ctx: Any) -> None:
        logging.getLogger("shop").warning("sold out")
        logger.warning("gone")
        await ctx.send("told")

    await client.local.reply_to(await client.member.say(client.channel, "!tell"))
    lines = {line["body"]: attributes_of(line) for line in client.sent.logs}
    for body in ("sold out", "gone"):
        assert lines[body]["user.id"] == str(client.member.id)
        assert lines[body]["discord.command"] == "tell"
        assert lines[body]["discord.guild_id"] == str(client.guild.id)


def test_a_bot_that_has_seeded_its_random(sent: Sent) -> None:
    """What Python's own generator gives next is not disturbed by what is drawn for telemetry."""
    sent.start(command_sample_rate=0.5)
    random.seed(7)
    wanted = random.random()
    random.seed(7)
    for _ in range(20):
        with unit_of_work(Unit("command.prefix", "roll")):
            pass
    assert random.random() == wanted
