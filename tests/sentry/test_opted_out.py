"""Of members and guilds who have opted out nothing leaves, and of everybody else all does."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import discord
import pytest
import sentry_sdk
from discord.ext import commands  # noqa: TC002  # discord.py reads the annotation
from loguru import logger
from tests.attribution.kinds import Kinds
from tests.attribution.test_thousand_units import KINDS, act, arrival, assert_own, open_form
from tests.fakes.discord_client import assert_failed, connected
from tests.fakes.sent import attributes_of, raised, trace_of, types_of

import tux.services.sentry as layer
from tux.services.sentry.context import Facts, facts_of
from tux.services.sentry.privacy import set_opted_out
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

MEMBERS = 8
NAME = "pi" + "ngu"
"""Not as the lines of code have it, which leave with the stack."""
USER, GUILD, CHANNEL, MESSAGE = (
    1_234_567_890_123_456_001,
    1_234_567_890_123_456_002,
    1_234_567_890_123_456_003,
    1_234_567_890_123_456_004,
)


@pytest.fixture
def gone() -> set[int]:
    """Who has opted out; a test adds to it."""
    ids: set[int] = set()
    set_opted_out(ids)
    return ids


def work_of(user: int = USER, guild: int = GUILD) -> AbstractContextManager[Any]:
    """Open a unit for a command of a member's."""
    about = SimpleNamespace(
        author=SimpleNamespace(id=user, name=NAME),
        guild=SimpleNamespace(id=guild),
        channel=SimpleNamespace(id=CHANNEL),
        message=SimpleNamespace(id=MESSAGE),
        command=SimpleNamespace(qualified_name="rank"),
    )
    return unit_of_work(Unit("command.prefix", "rank", lambda: facts_of(about), about=about))


async def test_many_at_once_some_of_whom_have_opted_out(
    sent: Sent, gone: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of unit at once: no byte has an id of theirs, and the others' is complete."""
    sent.start(limit_burst=10**6, limit_total_burst=10**6)
    set_opted_out(gone)
    async with connected(sent, monkeypatch) as client:
        members = [client.guild.add_member(f"member-{index}") for index in range(MEMBERS)]
        await client.bot.remove_cog("Watched")
        await client.bot.add_cog(Kinds(client.bot))
        await client.bot.tree.sync()
        panel = await client.local.reply_to(await client.member.say(client.channel, "!show"))
        forms = await asyncio.gather(*(open_form(client, member) for member in members))
        sent.forget()
        gone |= {member.id for member in members[::2]}
        deeds = [
            act(client, kind, member, (panel, form))
            for member, form in zip(members, forms, strict=True)
            for kind in KINDS
        ]
        await asyncio.gather(*deeds)
        await arrival(sent, len(deeds))
        events, units = sent.events, {trace_of(unit): unit for unit in sent.transactions}
    everything = sent.everything
    assert [number for number in gone if str(number).encode() in everything] == []
    whose = Counter(event.get("user", {}).get("id") for event in events)
    others = {str(member.id) for member in members} - {str(number) for number in gone}
    # A loop is nobody's.
    assert whose == dict.fromkeys(others, len(KINDS) - 1) | {None: len(deeds) - 4 * 12}
    for event in events:
        if "user" in event:
            assert_own(event, units[trace_of(event)])
        elif trace_of(event) not in units:
            assert types_of(event) == ["LookupError"]
            assert event["tags"].keys().isdisjoint({"guild_id", "channel_id", "who", "child.0"})
            assert "breadcrumbs" not in event
    loops = [unit for unit in units.values() if unit["contexts"]["trace"]["op"] == "task.loop"]
    assert len(loops) == MEMBERS
    assert len(units) == MEMBERS + len(others) * (len(KINDS) - 1)


async def test_an_error_of_a_guild_that_has_opted_out(client: Client, gone: set[int]) -> None:
    """It is reported with the command and the code, without anybody, any place and any text."""
    gone.add(client.guild.id)
    message = await client.member.say(client.channel, "!slow")
    await client.local.reply_to(await client.member.slash(client.channel, "slash_good"))
    while not client.sent.events:  # noqa: ASYNC110  # it comes by a thread
        await asyncio.sleep(0.01)
    event = client.sent.event
    assert event["transaction"] == event["tags"]["command"] == "slow"
    assert event["tags"].keys() == {"command", "cog", "command.kind", "feature"} | (
        event["tags"].keys() & {"shard", "error.handler", "error.wrapper"}
    )
    assert event["exception"]["values"][-1]["value"] == "[removed: id]"
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"
    assert not any("vars" in frame for frame in frames)
    assert event["contexts"].keys() <= {"trace", "runtime"}
    assert "user" not in event
    assert client.sent.transactions == []
    for number in (client.guild.id, client.channel.id, client.member.id, message.id):
        assert str(number).encode() not in client.sent.everything


async def test_a_choice_counts_at_once(client: Client, gone: set[int]) -> None:
    """Who opts out while his command runs is not told of by it; who opts in again is."""
    await client.local.reply_to(await client.member.say(client.channel, "!good"))
    assert (await client.transaction())["user"] == {"id": str(client.member.id)}
    client.sent.forget()

    @client.bot.command()
    async def leave(ctx: commands.Context[Any]) -> None:
        gone.add(ctx.author.id)
        await ctx.send("gone")

    await client.local.reply_to(await client.member.say(client.channel, "!leave"))
    await client.transactions(0)
    gone.clear()
    await client.member.say(client.channel, "!bad")
    unit = await client.transaction()
    assert_failed(client.sent, unit)
    assert unit["user"] == {"id": str(client.member.id)}


def test_others_may_name_who_has_opted_out(sent: Sent, gone: set[int]) -> None:
    """An id is removed from spans, logs, metrics, tags, names and variables of others' work."""
    gone.add(USER)
    with work_of(user=USER + 10) as unit:
        target = USER
        unit.set_data("target", target)
        unit.set_data(str(target), [{"at": f"/users/{target}?next=%20{target}&at=%3C{target}"}])
        unit.set_data("share", [f"100%{target}", f"é{target}", json.dumps({"at": f"é{target}"})])
        sentry_sdk.set_tag("target", target)
        layer.add_breadcrumb(f"bans <@!{target}>")
        with layer.start_span(op="db", name=f"ban {target}") as span:
            span.set_data("db.user", target)
        logger.warning("{} is banned", target)
        sentry_sdk.metrics.count("bans", 1, attributes={"target": str(target)})
        layer.capture_exception(raised(LookupError(target)), extra_context={"members": [target]})
    everything = sent.everything
    assert str(USER).encode() not in everything
    assert sent.event["user"] == {"id": str(USER + 10)}
    assert sent.event["exception"]["values"][0]["value"] == "[removed: opted out]"
    assert sent.event["contexts"]["extra_context"] == {"members": ["[removed: opted out]"]}
    assert sent.transaction["spans"][0]["data"]["db.user"] == "[removed: opted out]"
    assert attributes_of(sent.metrics[-1])["target"] == "[removed: opted out]"
    assert any("[removed: opted out] is banned" in line["body"] for line in sent.logs)


def test_what_code_of_the_bot_adds_stays_at_home(sent: Sent, gone: set[int]) -> None:
    """Of private work no log line leaves, no attachment, no context; a metric names nobody."""
    gone.add(USER)
    mechanism = {"type": "generic", "data": {"by": NAME, "errno": 7}}
    named: Any = {"exception": {"values": [{"type": "Oops", "mechanism": mechanism}]}}
    with work_of():
        layer.set_user_context(discord.Object(USER))
        layer.set_tag("who", f"{NAME} {MESSAGE}")
        layer.set_context("who", {"name": NAME})
        sentry_sdk.get_isolation_scope().add_attachment(bytes=NAME.encode(), filename=NAME)
        logger.warning("{} was here", NAME)
        attributes = {"at": f"{MESSAGE}", "user.id": str(USER), "by": f"@{NAME}"}
        sentry_sdk.metrics.count("runs", 1, attributes=attributes)
        with layer.start_transaction(op="task", name=NAME):
            pass
        with sentry_sdk.start_transaction(op="task", name=NAME):
            pass
        with sentry_sdk.new_scope() as scope:
            scope.fingerprint = ["{{ default }}", NAME, f"{MESSAGE}"]
            scope.set_tag("feature", f"cards of {NAME}")
            sentry_sdk.capture_event(named)
        layer.capture_message(f"{NAME} 'says what he likes' at the igloo")
        layer.capture_exception(raised(LookupError(f"'{NAME}'")), extra_context={"of": NAME})
    kept = sent.everything
    assert NAME.encode() not in kept
    assert str(USER).encode() not in kept
    assert str(MESSAGE).encode() not in kept
    assert sent.transactions == []
    assert sent.logs == []
    (metric,) = (one for one in sent.metrics if one["name"] == "runs")
    assert attributes_of(metric)["at"] == "[removed: id]"
    assert attributes_of(metric)["by"] == "@[removed: name]"
    assert "user.id" not in attributes_of(metric)
    grouped, said, failed = sent.events
    assert grouped["fingerprint"] == ["{{ default }}", "[removed: name]", "[removed: id]"]
    assert grouped["tags"]["feature"] == "cards of [removed: name]"
    assert grouped["exception"]["values"][0]["mechanism"]["data"] == {"errno": 7}
    assert said["message"] == "[removed: name] '…' at the igloo"
    assert failed["exception"]["values"][0]["value"] == "'…'"


def test_a_check_in_of_private_work_is_of_the_job(sent: Sent, gone: set[int]) -> None:
    """Its name, its plan and its outcome leave, and nothing that code wrote beside them."""
    gone.add(USER)
    plan = {"schedule": {"type": "interval", "value": 1, "unit": "hour"}, "max_runtime": 5}
    with work_of():
        layer.set_tag("who", NAME)
        schedule = plan["schedule"] | {"for": NAME}  # type: ignore[operator]  # a dict
        told = plan | {"schedule": schedule, "owner": NAME, "timezone": "UTC"}
        with layer.CheckIn(f"remind-{MESSAGE}", told):
            pass
    first, last = sent.of("check_in")
    assert NAME.encode() not in sent.everything
    assert str(MESSAGE).encode() not in sent.everything
    assert last["monitor_config"] == plan | {"timezone": "UTC"}
    assert last["monitor_slug"] == "remind-[removed: id]"
    assert (first["status"], last["status"]) == ("in_progress", "ok")
    assert first["check_in_id"] == last["check_in_id"]


def test_threads_of_private_work_are_private(sent: Sent, gone: set[int]) -> None:
    """What a pool or a thread tells, and the summary of a storm, has nothing of who has opted out."""
    gone.add(USER)

    def job() -> None:
        logger.warning("{} in a thread", NAME)
        layer.capture_exception(raised(ConnectionError(f"of {NAME}")))

    with work_of():
        layer.set_tag("who", NAME)
        layer.add_breadcrumb(f"{NAME} was here")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(job).result()
        thread = threading.Thread(target=job)
        thread.start()
        thread.join()
        for _ in range(100):
            layer.capture_exception(raised(LookupError()))
        layer.flush()
    summaries = [event for event in sent.events if "exception" not in event]
    failed = [types_of(event) for event in sent.events if event not in summaries]
    assert failed.count(["ConnectionError"]) == 2
    assert [summary["tags"].keys() for summary in summaries] == [{"storm"}]
    assert NAME.encode() not in sent.everything


def test_what_an_error_is_about_is_told(sent: Sent, gone: set[int]) -> None:
    """Alerts count errors of the database by a tag that names nobody."""
    gone.add(USER)
    with work_of():
        layer.capture_exception(raised(sqlite3.OperationalError()))
    assert sent.event["tags"] == {"command": "rank", "error.kind": "database"}


def test_an_event_that_cannot_be_made_anonymous_stays(
    sent: Sent, gone: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be looked through does not leave: a fault opens no door."""
    gone.add(USER)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tux.services.sentry.gate.make_anonymous", fails)
    with work_of():
        layer.capture_exception(raised(LookupError()))
    assert sent.events == []


def test_facts_that_cannot_be_read_tell_of_nobody(sent: Sent, gone: set[int]) -> None:
    """Discord's objects may be half there: what is private by the half that is stays private."""
    gone.add(GUILD)

    class Half:
        guild_id = GUILD

        @property
        def author(self) -> object:
            raise AttributeError

    with unit_of_work(Unit("command.prefix", "rank", Facts, about=(Half(),))):
        layer.capture_exception(raised(LookupError(MESSAGE)))
    assert sent.event["exception"]["values"][0]["value"] == "[removed: id]"
