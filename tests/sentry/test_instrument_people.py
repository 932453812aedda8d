"""Waits for people: spans of their own kind, and no part of how long a command took."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.fakes.sent import attributes_of
from tests.sentry.waiting import (
    SECONDS,
    UNSAMPLED,
    Ctx,
    Ending,
    Waits,
    break_spans,
    data_of,
    run,
    seconds_of,
    spans_of,
)

from tux.services.sentry.health import internal_errors
from tux.services.sentry.instrument import people

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.discord_client import Client


@pytest.fixture
async def cog(client: Client) -> AsyncIterator[Waits]:
    faults = internal_errors()
    made = Waits(client.bot)
    await client.bot.add_cog(made)
    await client.bot.tree.sync()
    yield made
    assert internal_errors() - faults == made.faults


async def test_wait_for(client: Client, cog: Waits) -> None:
    """A wait for a member's answer is a span, and no part of how long the command took."""
    cog.deed = cog.ask
    act = await client.member.say(client.channel, "!act")
    await client.local.reply_to(act)
    await client.member.say(client.channel, "later")
    unit = await client.transaction()
    assert cog.answers == ["later"]
    (wait,) = spans_of(unit, "ui.wait")
    assert (wait["description"], wait["status"]) == ("wait_for message", "ok")
    assert wait["parent_span_id"] == unit["contexts"]["trace"]["span_id"]
    assert_subtracted(client, cog)
    told = data_of(unit)
    assert told["people.wait_ms"] == pytest.approx(seconds_of(wait) * 1000, abs=0.01)
    assert told["command.duration_ms"] == cog.took


def assert_subtracted(client: Client, cog: Waits) -> None:
    """The wait is a metric of its own, and what is told of the command is what remains."""
    metrics = {one["name"]: one for one in client.sent.metrics}
    waited = metrics["command.people_wait"]["value"]
    assert waited > 0
    assert cog.took is not None
    assert 0 <= cog.took <= cog.around - waited
    assert metrics["command.duration"]["value"] == cog.took
    assert not {"command", "result"} & attributes_of(metrics["command.people_wait"]).keys()


@pytest.mark.parametrize("sampled", [True, False])
async def test_nobody_answers(client: Client, cog: Waits, *, sampled: bool) -> None:
    """A wait that nobody ended is subtracted as well, in units that are not kept, too."""
    client.sent.start(**({} if sampled else UNSAMPLED))

    async def in_vain(ctx: Ctx) -> None:
        with pytest.raises(TimeoutError):
            await cog.ask(ctx, SECONDS)

    cog.deed = in_vain
    await client.member.say(client.channel, "!act")
    async with asyncio.timeout(20):
        while cog.took is None:  # noqa: ASYNC110  # the command has no event of its own
            await asyncio.sleep(0.01)
    if sampled:
        (wait,) = spans_of(await client.transaction(), "ui.wait")
        assert wait["status"] == "deadline_exceeded"
        assert seconds_of(wait) >= SECONDS * 0.9
    else:
        assert await client.transactions(0) == []
    assert_subtracted(client, cog)


async def test_waits_at_once(client: Client, cog: Waits) -> None:
    """Waits that overlap are counted once: the time is that of a clock on the wall."""

    async def race(_: Ctx) -> None:
        waits = [
            asyncio.create_task(client.bot.wait_for(f"reaction_{what}", timeout=timeout))
            for what, timeout in [("add", SECONDS), ("remove", 20), ("clear", 20)]
        ]
        _done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.wait(waits)
        assert isinstance(waits[0].exception(), TimeoutError)

    unit = await run(client, cog, race)
    waits = spans_of(unit, "ui.wait")
    assert sorted(span["status"] for span in waits) == [
        "cancelled",
        "cancelled",
        "deadline_exceeded",
    ]
    assert data_of(unit)["people.wait_ms"] < sum(map(seconds_of, waits)) * 1000
    assert_subtracted(client, cog)


async def test_view(client: Client, cog: Waits) -> None:
    """A view that is waited for is a span of the command, apart from the click."""
    cog.deed = cog.show
    act = await client.member.say(client.channel, "!act")
    await client.member.click(await client.local.reply_to(act), "end")
    units = await client.transactions(2)
    unit = next(one for one in units if one["transaction"] == "act")
    (wait,) = spans_of(unit, "ui.wait")
    assert (wait["description"], wait["status"]) == ("Ending.wait", "ok")
    assert cog.answers == [False]
    assert_subtracted(client, cog)


async def test_view_times_out(client: Client, cog: Waits) -> None:
    """A view that nobody clicks has the status of a wait in vain, and one that breaks its own."""

    async def show(_: Ctx) -> None:
        view = Ending(timeout=20)
        waiting = asyncio.create_task(view.wait())
        await asyncio.sleep(0)
        view._dispatch_timeout()  # type: ignore[no-untyped-call]  # discord.py's own
        assert await waiting
        broken = asyncio.create_task(Ending(timeout=20).wait())
        await asyncio.sleep(0)
        broken.cancel()
        await asyncio.wait([broken])

    waits = spans_of(await run(client, cog, show), "ui.wait")
    assert [span["status"] for span in waits] == ["deadline_exceeded", "cancelled"]


async def test_modal(client: Client, cog: Waits) -> None:
    """A form that is waited for is a span."""
    act = await client.member.slash(client.channel, "write")
    await client.member.submit_modal(await client.local.reply_to(act), word="good")
    units = await client.transactions(2)
    unit = next(one for one in units if one["transaction"] == "write")
    (wait,) = spans_of(unit, "ui.wait")
    assert (wait["description"], wait["status"]) == ("Form.wait", "ok")
    assert cog.answers == [False]


async def test_fault_of_a_span(client: Client, cog: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in telling of a wait is counted, and who waited has the answer."""
    break_spans(monkeypatch, people)
    cog.faults = 3

    async def wait(_: Ctx) -> None:
        cog.answers.append(await client.bot.wait_for("word", timeout=20))
        view = Ending(timeout=20)
        view.stop()
        cog.answers.append(await view.wait())
        with pytest.raises(TimeoutError):
            await client.bot.wait_for("word", timeout=0)

    running = asyncio.create_task(run(client, cog, wait))
    while not client.bot._listeners.get("word"):  # noqa: ASYNC110  # nothing tells when it listens
        await asyncio.sleep(0)
    client.bot.dispatch("word", "well")
    assert spans_of(await running, "ui.wait") == []
    assert cog.answers == ["well", False]


async def test_wait_for_is_a_coroutine(client: Client) -> None:
    """It may be a task, given up before or after its first step, and looked at like any other."""
    waiting = client.bot.wait_for("message")
    assert asyncio.iscoroutine(waiting)
    assert waiting.cr_code.co_name == "wait_for"  # type: ignore[attr-defined]  # every coroutine has it
    early = asyncio.create_task(waiting)
    assert "wait_for" in repr(early)
    early.cancel()
    await asyncio.wait([early])
    late = client.bot.wait_for("message")
    late.send(None)
    late.close()
    late.close()
    assert early.cancelled()


async def test_wait_for_never_awaited(client: Client) -> None:
    """What nobody awaits is complained about once, as ever."""
    with pytest.warns(RuntimeWarning, match="wait_for' was never awaited") as warned:
        client.bot.wait_for("message")  # type: ignore[unused-coroutine]  # the subject
    assert len(warned) == 1


async def test_waits_outside_of_units(client: Client) -> None:
    """What no unit waits for is waited for all the same."""
    with pytest.raises(TimeoutError):
        await client.bot.wait_for("message", timeout=0)
    view = Ending(timeout=20)
    view.stop()
    assert await view.wait() is False
    assert await client.bot.http.get_from_cdn(f"{client.local.api_url}/gateway")
    with sentry_sdk.start_span(op="task", name="alone", sampled=True):
        assert await view.wait() is False
    assert await client.transactions(0) == []
