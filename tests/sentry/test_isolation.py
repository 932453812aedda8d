"""Whose is what: on other loops, beside the SDK's own integration, in tasks that nobody waits for."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
import uvloop
from discord.ext import commands
from sentry_sdk.integrations import asyncio as sdk_asyncio
from tests.fakes.discord_client import connected
from tests.fakes.sent import crumbs_of, trace_of, types_of

from tux.services.sentry import add_breadcrumb, capture_exception, set_tag, start_span

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

MEMBERS = 20


class Busy(commands.Cog):
    """Commands that do much at once."""

    def __init__(self) -> None:
        self.left: set[asyncio.Task[Any]] = set()

    @commands.command()
    async def gather(self, ctx: commands.Context[Any]) -> None:
        add_breadcrumb(f"of {ctx.author.id}")
        with start_span(op="step", name=f"outer {ctx.author.id}"):
            await asyncio.gather(*(self.child(ctx.author.id, number) for number in range(3)))
        await asyncio.create_task(self.tag(ctx.author.id))
        raise LookupError(ctx.author.id)

    async def child(self, member: int, number: int) -> None:
        with start_span(op="step", name=f"child {member} {number}"):
            await asyncio.sleep(0)
            with start_span(op="step", name=f"grandchild {member} {number}"):
                await asyncio.sleep(0.01)

    async def tag(self, member: int) -> None:
        await asyncio.sleep(0)
        set_tag("child", str(member))

    @commands.command()
    async def leave(self, ctx: commands.Context[Any]) -> None:
        self.left.add(asyncio.create_task(self.lose(ctx.author.id)))

    async def lose(self, member: int) -> None:
        await asyncio.sleep(0.02)
        raise LookupError(member)


async def gather_at_once(client: Client) -> None:
    """Let many members run the command at once, and look at all that arrived."""
    sent = client.sent
    await client.bot.add_cog(Busy())
    members = [client.guild.add_member(f"member-{number}") for number in range(MEMBERS)]
    await asyncio.gather(*(member.say(client.channel, "!gather") for member in members))
    units = await client.transactions(MEMBERS)
    traces = {trace_of(unit): unit["user"]["id"] for unit in units}
    assert set(traces.values()) == {str(member.id) for member in members}
    for unit in units:
        assert_parents(unit)
    events = sent.events
    assert Counter(event["user"]["id"] for event in events) == Counter(traces.values())
    for event in events:
        user = event["user"]["id"]
        assert event["exception"]["values"][-1]["value"] == user
        assert traces[trace_of(event)] == user
        assert crumbs_of(event) == [f"of {user}"]


def assert_parents(unit: Any) -> None:
    """Each span is of this unit's member, under the span that began it."""
    member, root = unit["user"]["id"], unit["contexts"]["trace"]["span_id"]
    spans = {span["span_id"]: span for span in unit["spans"]}
    steps = [span for span in spans.values() if span["op"] == "step"]
    assert len(steps) == 7
    for span in steps:
        above = span["parent_span_id"]
        # The SDK's integration puts a span of its own around each task.
        while above in spans and spans[above]["op"] == "function":
            above = spans[above]["parent_span_id"]
        kind, whose, *number = span["description"].split()
        assert whose == member
        if kind == "outer":
            assert above == root
        elif kind == "child":
            assert spans[above]["description"] == f"outer {member}"
        else:
            assert spans[above]["description"] == f"child {member} {number[0]}"


async def test_spans_of_gather(client: Client) -> None:
    """Spans of tasks that run at once are under the span that started them; tags reach the command."""
    client.sent.start(limit_burst=100)
    await gather_at_once(client)
    for event in client.sent.events:
        assert event["tags"]["child"] == event["user"]["id"]


def test_on_uvloop(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The faster loop makes tasks by the same factory."""
    sent.start(limit_burst=100)

    async def scenario() -> None:
        async with connected(sent, monkeypatch) as client:
            await gather_at_once(client)

    uvloop.run(scenario())


@pytest.mark.parametrize("first", [True, False], ids=["before-login", "after-login"])
async def test_beside_the_asyncio_integration(
    sent: Sent,
    monkeypatch: pytest.MonkeyPatch,
    *,
    first: bool,
) -> None:
    """What a user enables besides takes nothing away but the tags of children, as the SDK says."""
    sent.start(limit_burst=100)
    if first:
        sdk_asyncio.enable_asyncio_integration()
    async with connected(sent, monkeypatch) as client:
        if not first:
            sdk_asyncio.enable_asyncio_integration()
        integrations = sentry_sdk.get_client().integrations
        assert sdk_asyncio.AsyncioIntegration.identifier in integrations
        await gather_at_once(client)


@pytest.mark.parametrize("rate", [0.0, 1.0])
async def test_a_task_that_nobody_waits_for(client: Client, rate: float) -> None:
    """Python tells of its failure after the command's end; the event is the command's all the same."""
    client.sent.start(command_sample_rate=rate)
    cog = Busy()
    await client.bot.add_cog(cog)
    await client.member.say(client.channel, "!leave")
    async with asyncio.timeout(10):
        while not cog.left or not all(task.done() for task in cog.left):  # noqa: ASYNC110  # no event tells
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    cog.left.clear()
    gc.collect()
    await asyncio.sleep(0)
    event = client.sent.event
    assert types_of(event) == ["LookupError"]
    assert event["user"]["id"] == str(client.member.id)
    assert event["tags"]["command"] == "leave"
    assert event["transaction"] == "leave"
    assert event["exception"]["values"][-1]["mechanism"]["handled"] is False
    if rate:
        assert trace_of(event) == trace_of(client.sent.transaction)


async def test_a_task_of_an_unsampled_command(client: Client) -> None:
    """Without a transaction an event has the user, the command and the trace of its unit."""
    client.sent.start(command_sample_rate=0.0, limit_burst=100)
    members = [client.guild.add_member(f"member-{number}") for number in range(MEMBERS)]
    await asyncio.gather(*(member.say(client.channel, "!slow") for member in members))
    async with asyncio.timeout(10):
        while len(client.sent.events) < MEMBERS:  # noqa: ASYNC110  # they come by a thread
            await asyncio.sleep(0.01)
    events = client.sent.events
    assert {event["exception"]["values"][-1]["value"] for event in events} == {
        str(member.id) for member in members
    }
    assert len({trace_of(event) for event in events}) == MEMBERS
    for event in events:
        assert event["exception"]["values"][-1]["value"] == event["user"]["id"]
        assert event["transaction"] == event["tags"]["command"] == "slow"
    assert client.sent.transactions == []


async def test_the_sdks_own_spans_in_an_unsampled_unit(client: Client) -> None:
    """They are the shared no-op, and whoever is asked on is told the unit's trace."""
    client.sent.start(command_sample_rate=0.0)
    told: list[Any] = []

    @client.bot.command()
    async def ask(ctx: commands.Context[Any]) -> None:
        with sentry_sdk.start_span(op="db", name="select") as span:
            scope = sentry_sdk.get_current_scope()
            told.extend((span, scope.get_traceparent(), span.trace_id))
            with span.start_child(op="db", name="inner") as inner:
                assert inner is span
        told.append(capture_exception(LookupError()))

    await client.member.say(client.channel, "!ask")
    async with asyncio.timeout(10):
        while len(told) < 4:  # noqa: ASYNC110  # the command runs meanwhile
            await asyncio.sleep(0.01)
    _, traceparent, trace_id, event_id = told
    event = client.sent.event
    assert event["event_id"] == event_id
    assert trace_of(event) == trace_id == traceparent.split("-")[0]
    assert traceparent.endswith("-0")
