"""A thousand units of each kind at once, mixed: what each sends is its own."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import discord
import pytest
import sentry_sdk
from tests.attribution.kinds import CHILDREN, Kinds
from tests.fakes.discord_client import connected
from tests.fakes.sent import crumbs_of, parent_of, trace_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

    from tux.simulator import Member, Reply

    Seen = tuple[Reply, Reply]
    """The panel of all, and the member's own form."""

KINDS = {
    "prefix": ("command.prefix", "prefix"),
    "hybrid by prefix": ("command.prefix", "hybrid"),
    "hybrid by slash": ("command.slash", "hybrid"),
    "slash": ("command.slash", "slash"),
    "menu of a member": ("command.menu", "of_user"),
    "menu of a message": ("command.menu", "of_message"),
    "autocomplete": ("command.autocomplete", "complete"),
    "button": ("ui.action", "Panel.button"),
    "select menu": ("ui.action", "Panel.menu"),
    "dynamic item": ("ui.action", "Vote.callback"),
    "form": ("ui.action", "Form"),
    "listener": ("event.discord", "on_thing"),
    "loop": ("task.loop", "Kinds.start_loop.<locals>.turn"),
}
COMMANDS = ("command.prefix", "command.slash", "command.menu", "command.autocomplete")
SPANS = 1 + 2 * CHILDREN
SPOOL_BYTES = 4_000_000_000
BATCH = 20


async def act(client: Client, kind: str, member: Member, seen: Seen) -> None:  # noqa: C901  # a case for each kind
    """Let a member do it."""
    panel, form = seen
    channel, cog = client.channel, client.bot.get_cog("Kinds")
    assert isinstance(cog, Kinds)
    match kind:
        case "prefix" | "hybrid by prefix":
            await member.say(channel, f"!{KINDS[kind][1]}")
        case "slash" | "hybrid by slash":
            await member.slash(channel, KINDS[kind][1])
        case "menu of a member":
            await member.use_menu(channel, "of_user", member)
        case "menu of a message":
            await member.use_menu(channel, "of_message", panel)
        case "autocomplete":
            await member.autocomplete(channel, "complete", "word", "w")
        case "button":
            await member.click(panel, "button")
        case "select menu":
            await member.choose(panel, "menu", "one")
        case "dynamic item":
            await member.click(panel, "vote:1")
        case "form":
            await member.submit_modal(form, word="w")
        case "listener":
            client.bot.dispatch("thing", user_of(client, member))
        case "loop":
            cog.start_loop(member.id)


def user_of(client: Client, member: Member) -> discord.User:
    """Make of a member what discord.py would hand to a listener."""
    data: Any = member.user.payload()
    return discord.User(state=client.bot._connection, data=data)


async def open_form(client: Client, member: Member) -> Reply:
    """Let a member open the form, and give it."""
    return await client.local.reply_to(await member.slash(client.channel, "form"))


def batched(members: list[Member], size: int) -> list[list[Member]]:
    """Take so many at a time."""
    return [members[start : start + size] for start in range(0, len(members), size)]


async def arrival(sent: Sent, wanted: int) -> None:
    """Wait until so many events have arrived, and nothing is left behind."""
    transport: Any = sentry_sdk.get_client().transport
    bodies, seen, events = sent.receiver.bodies, 0, 0
    while events < wanted or len(transport._spool):
        await asyncio.sleep(0.5)
        seen, new = len(bodies), bodies[seen:]
        events += sum(b'"exception"' in body for body in new)


async def all_at_once(client: Client, number: int) -> list[Member]:
    """Let so many members do everything, and wait until all of it has arrived."""
    members = [client.guild.add_member(f"member-{index}") for index in range(number)]
    await client.bot.remove_cog("Watched")
    await client.bot.add_cog(Kinds(client.bot))
    await client.bot.tree.sync()
    panel = await client.local.reply_to(await client.member.say(client.channel, "!show"))
    deeds: list[Coroutine[Any, Any, None]] = []
    for some in batched(members, BATCH):
        # They have to be there first, and Discord waits three seconds for each.
        forms = await asyncio.gather(*(open_form(client, member) for member in some))
        deeds += [
            act(client, kind, member, (panel, form))
            for member, form in zip(some, forms, strict=True)
            for kind in KINDS
        ]
    await asyncio.gather(*deeds)
    await arrival(client.sent, number * len(KINDS))
    return members


def assert_own(event: Any, unit: Any) -> None:
    """An event says the same as its transaction, and nothing of another's."""
    who = event["exception"]["values"][-1]["value"]
    op, name = unit["contexts"]["trace"]["op"], unit["transaction"]
    assert event["transaction"] == name
    assert event["tags"]["who"] == who
    assert all(event["tags"][f"child.{number}"] == who for number in range(CHILDREN))
    assert [crumb for crumb in crumbs_of(event) if crumb.startswith("of ")] == [f"of {who}"]
    if op == "task.loop":
        assert "user" not in event
        assert "user" not in unit
    else:
        assert event["user"]["id"] == unit["user"]["id"] == who
    if op in COMMANDS:
        assert event["tags"]["command"] == unit["tags"]["command"] == name
    assert parent_of(unit) is None
    assert_parents(unit, who)


def assert_parents(unit: Any, who: str) -> None:
    """Each span of a gathered task is under the span that began it."""
    spans = {span["span_id"]: span for span in unit["spans"] if span["op"] == "step"}
    assert len(spans) == SPANS
    for span in spans.values():
        kind, whose, *number = span["description"].split()
        assert whose == who
        above = spans.get(span["parent_span_id"], {}).get("description")
        wanted = {
            "outer": None,
            "child": f"outer {who}",
            "grandchild": f"child {who} {' '.join(number)}",
        }
        assert above == wanted[kind]


async def check(sent: Sent, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Run, and look at everything that arrived."""
    much = 10**6
    sent.start(
        limit_burst=much,
        limit_total_burst=much,
        limit_transaction_rate=much,
        spool_bytes=SPOOL_BYTES,
    )
    async with connected(sent, monkeypatch) as client:
        members = await all_at_once(client, number)
    units = {trace_of(unit): unit for unit in sent.transactions}
    events = sent.events
    assert len({trace_of(event) for event in events}) == len(events) == number * len(KINDS)
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        unit = units[trace_of(event)]
        assert_own(event, unit)
        kind = (unit["contexts"]["trace"]["op"], unit["transaction"])
        seen[kind].add(event["exception"]["values"][-1]["value"])
    everybody = {str(member.id) for member in members}
    assert seen == dict.fromkeys(KINDS.values(), everybody)
    kinds = Counter(
        (unit["contexts"]["trace"]["op"], unit["transaction"]) for unit in units.values()
    )
    assert {kind: kinds[kind] for kind in KINDS.values()} == dict.fromkeys(KINDS.values(), number)


async def test_twenty_of_each(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty units of each kind at once: nothing is wrong, nothing is missing."""
    await check(sent, monkeypatch, 20)


@pytest.mark.long
@pytest.mark.timeout(1500)
async def test_a_thousand_of_each(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand units of each kind at once: nothing is wrong, nothing is missing."""
    await check(sent, monkeypatch, 1000)
