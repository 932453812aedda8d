"""Two bots in one process: neither says anything of the other."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from tests.fakes.lives import Life, PerTask, Plain, living, started
from tests.fakes.sent import crumbs_of, trace_of
from tests.sentry.watched import Watched
from yarl import URL

from tux.simulator import LocalDiscord
from tux.simulator.events import Event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from tests.fakes.sent import Sent

MEMBERS = 10


@asynccontextmanager
async def on_two_discords(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Life]]:
    """Run two bots, each on a Discord of its own."""
    base, gateway = PerTask(""), PerTask(URL())
    monkeypatch.setattr(Route, "BASE", base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    lives = []
    async with AsyncExitStack() as stack:
        for number in range(2):
            # By the hour, or what they make in the same millisecond would have the same ids.
            clock = partial(_earlier, 3600 * number)
            local = await stack.enter_async_context(LocalDiscord(clock=clock))
            base.value.set(local.api_url)
            gateway.value.set(URL(local.gateway_url))
            bot = Plain()
            await bot.add_cog(Watched(bot))
            lives.append(await stack.enter_async_context(started(bot, local)))
        yield lives
    asyncio.get_running_loop().set_task_factory(None)


def _earlier(seconds: int) -> float:
    return time.time() - seconds


async def units_of(sent: Sent, number: int) -> list[Any]:
    async with asyncio.timeout(20):
        while len(sent.transactions) < number:  # noqa: ASYNC110  # they come by a thread
            await asyncio.sleep(0.01)
    return sent.transactions


async def test_on_two_discords(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of both at once each have a member and a guild of their own bot, and a trace."""
    sent.start(limit_burst=100)
    async with on_two_discords(monkeypatch) as lives:
        users = [str(life.bot.user.id) for life in lives if life.bot.user]
        connects = [one["contexts"]["discord"]["bot_id"] for one in sent.transactions]
        assert connects == users
        sent.forget()
        guilds: dict[str, str] = {}
        acts = []
        for life in lives:
            for number in range(MEMBERS):
                member = life.guild.add_member(f"member-{number}")
                guilds[str(member.id)] = str(life.guild.id)
                acts.append(member.say(life.channel, "!slow"))
        await asyncio.gather(*acts)
        units = await units_of(sent, 2 * MEMBERS)
        events = sent.events
    assert len(guilds) == len(units) == len(events) == 2 * MEMBERS
    assert {unit["user"]["id"]: unit["tags"]["guild_id"] for unit in units} == guilds
    traces = {trace_of(unit): unit["user"]["id"] for unit in units}
    assert {trace_of(event): event["user"]["id"] for event in events} == traces
    for event in events:
        assert event["exception"]["values"][-1]["value"] == event["user"]["id"]


async def test_on_one_discord(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that two bots hear is two units, each with its own trace and failure."""
    async with living(Plain(), monkeypatch) as first, started(Plain(), first.local) as second:
        for life in (first, second):
            await life.bot.add_cog(Watched(life.bot))
        sent.forget()
        await first.guild.add_member("pingu").say(first.channel, "!bad")
        units = await units_of(sent, 2)
        events = sent.events
    assert len({trace_of(unit) for unit in units}) == 2
    assert {trace_of(event) for event in events} == {trace_of(unit) for unit in units}


class Starter(commands.Cog):
    """Starts another bot when a member says so."""

    def __init__(self, other: Plain, local: LocalDiscord) -> None:
        self.other = other
        self.local = local
        self.running: asyncio.Task[None] | None = None

    @commands.command()
    async def begin(self, ctx: commands.Context[Any]) -> None:
        self.running = asyncio.create_task(self.other.start(self.local.token))
        await self.other.wait_for("ready")
        await ctx.send("begun")


async def test_started_by_a_command(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that a command of another one starts has nothing of that command."""
    async with living(Plain(), monkeypatch) as life, Plain() as other:
        cog = Starter(other, life.local)
        await life.bot.add_cog(cog)
        await life.local.reply_to(await life.guild.add_member("pingu").say(life.channel, "!begin"))
        *_, command = await units_of(sent, 3)
        assert command["transaction"] == "begin"
        # Both are sent it, and only one looks at it.
        life.bot._connection.parsers.pop("GUILD_ROLE_DELETE")
        life.local._gateway.dispatch(Event("GUILD_ROLE_DELETE", {}))
        assert cog.running is not None
        (ended,) = await asyncio.gather(cog.running, return_exceptions=True)
        assert isinstance(ended, KeyError)
    event = sent.event
    assert "user" not in event
    assert event["tags"] == {"gateway.event": "GUILD_ROLE_DELETE", "shard": "0"}
    assert trace_of(event) != trace_of(command)
    assert crumbs_of(event) == []
