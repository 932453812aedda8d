"""Every run of a command arrives as a metric, once, whoever measures it and whatever is sampled."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from discord.ext import commands
from tests.fakes.sent import attributes_of, trace_of
from tests.sentry.waiting import UNSAMPLED
from tests.sentry.watched import Ctx  # noqa: TC002  # discord.py reads the annotations

from tux.services.sentry import DiscordIntegration, track_command_end, track_command_start
from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.privacy import set_opted_out
from tux.services.sentry.runs import MOST_AT_ONCE, MOST_WAITING, RunBatcher, batcher_of
from tux.services.sentry.timings import run_of_command
from tux.services.sentry.units import Unit, current_work

if TYPE_CHECKING:
    from tests.fakes.discord_client import Client
    from tests.fakes.sent import Sent

MANY = 20
USER = 1_234_567_890_123_456_001
BUY = Unit("command.prefix", "buy")


async def durations(client: Client, number: int) -> list[Any]:
    """Wait for so many, and for what would be too much."""
    async with asyncio.timeout(20):
        while len(client.sent.metrics_of("command.duration")) < number:  # noqa: ASYNC110  # by a thread
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.03)
    found = client.sent.metrics_of("command.duration")
    assert len(found) == number
    return found


def results(metrics: list[Any]) -> list[tuple[Any, ...]]:
    """Say of each which command it is of, how it ended, and of what."""
    told = [attributes_of(one) for one in metrics]
    return sorted((one["command"], one["result"], one.get("error", "")) for one in told)


def statuses(metrics: list[Any]) -> dict[str, str | None]:
    """Say of each command what its last run was told to be."""
    told = [attributes_of(one) for one in metrics]
    return {one["command"]: one.get("status") for one in told}


async def test_unsampled_runs_arrive(client: Client) -> None:
    """Of commands that are not sampled each run arrives with its duration, failed ones marked."""
    client.sent.start(**UNSAMPLED)
    for number in range(MANY):
        await client.member.say(client.channel, "!bad" if number % 4 == 0 else "!good")
    await client.member.say(client.channel, "!case close")
    await client.member.say(client.channel, "!number many")
    found = await durations(client, MANY + 2)
    good = [("good", "success", "")] * (MANY - MANY // 4)
    bad = [("bad", "failure", "LookupError")] * (MANY // 4)
    others = [("case close", "failure", "LookupError"), ("number", "failure", "BadArgument")]
    assert results(found) == sorted((*good, *bad, *others))
    # As their transactions would say: what a member did wrong is no fault of the bot's.
    assert statuses(found) == {
        "good": None,
        "bad": "internal_error",
        "case close": "internal_error",
        "number": "invalid_argument",
    }
    assert all(one["value"] > 0 and one["unit"] == "millisecond" for one in found)
    assert all(abs(one["timestamp"] - time.time()) < 60 for one in found)
    assert len({one["trace_id"] for one in found}) == MANY + 2
    told = attributes_of(found[0])
    assert (told["sentry.release"], told["sentry.environment"]) == ("tux@1.0.0", "development")
    counts = client.sent.metrics_of("command.runs")
    assert sum(one["value"] for one in counts) == MANY + 2
    assert client.sent.transactions == []
    # Failures have asked for their trace: events and metrics name the same.
    of_events = {trace_of(event) for event in client.sent.events}
    assert of_events <= {one["trace_id"] for one in found}


async def test_slash_commands(client: Client) -> None:
    """Slash commands count as well; suggestions do not, and what the tree refuses is a failure."""
    for name in ("slash_good", "slash_bad", "both"):
        await client.member.slash(client.channel, name)
    await client.member.autocomplete(client.channel, "complete", "word", "x")

    await durations(client, 3)

    async def refuse(_: object) -> bool:
        return False

    client.bot.tree.interaction_check = refuse  # type: ignore[method-assign]  # as a subclass has it
    await client.member.slash(client.channel, "complete", word="x")
    found = await durations(client, 4)
    assert results(found) == [
        ("both", "failure", "LookupError"),
        ("complete", "failure", "CheckFailure"),
        ("slash_bad", "failure", "LookupError"),
        ("slash_good", "success", ""),
    ]
    assert statuses(found)["complete"] == "permission_denied"
    traces = {trace_of(unit) for unit in client.sent.transactions}
    assert {one["trace_id"] for one in found} <= traces


class Tracking(commands.Cog):
    """Commands that tell of themselves, in their bodies or by listeners."""

    @commands.command()
    async def inside(self, _: Ctx) -> None:
        track_command_start("inside")
        track_command_end("inside", success=True)

    @commands.command()
    async def forgotten(self, _: Ctx) -> None:
        track_command_start("forgotten")

    @commands.command()
    async def listened(self, ctx: Ctx) -> None:
        """Be told of by the listeners."""
        await ctx.send("heard")

    @commands.command()
    async def hasty(self, _: Ctx) -> None:
        """Be over before a listener hears of it."""

    @commands.Cog.listener()
    async def on_command(self, ctx: Ctx) -> None:
        if ctx.command in (self.listened, self.hasty):
            track_command_start(str(ctx.command))

    @commands.Cog.listener()
    async def on_command_completion(self, ctx: Ctx) -> None:
        # Its unit has ended by now.
        if ctx.command in (self.listened, self.hasty):
            track_command_end(str(ctx.command), success=True)


async def test_what_the_bot_tells_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that the bot's own code tells of is told once, wherever it begins and ends."""
    await client.bot.add_cog(Tracking())
    invoke = client.bot.invoke

    async def around(ctx: commands.Context[Any]) -> None:
        if ctx.invoked_with == "good":
            track_command_start("good")
        await invoke(ctx)
        if ctx.invoked_with == "good":
            track_command_end("good", success=True)

    monkeypatch.setattr(client.bot, "invoke", around)
    names = ["forgotten", "good", "hasty", "inside", "listened"]
    for name in names:
        await client.member.say(client.channel, f"!{name}")
    assert [name for name, *_ in results(await durations(client, 5))] == names


def test_the_end_comes_too_late(sent: Sent) -> None:
    """What was told meanwhile is not told again when the bot's own code ends it at last."""
    with run_of_command(BUY):
        track_command_start("buy")
    assert len(sent.metrics_of("command.duration")) == 1
    assert track_command_end("buy", success=True) is not None
    assert len(sent.metrics_of("command.duration")) == 1


def test_a_command_within_another(sent: Sent) -> None:
    """A run within one that the bot's own code measures is told, and so is the one around it."""
    for is_late in (False, True):
        with run_of_command(BUY):
            track_command_start("buy")
            with run_of_command(Unit("command.prefix", "sell")):
                pass
            if is_late:
                assert len(sent.metrics_of("command.duration")) == 3
            track_command_end("buy", success=True)
    names = [name for name, *_ in results(sent.metrics_of("command.duration"))]
    assert names == ["buy", "buy", "sell", "sell"]


def test_what_is_measured_around_commands(sent: Sent) -> None:
    """What the bot's own code measures around a command is the command's if it has its name."""
    for name in ("close", "case close", "queue"):
        track_command_start(name)
        with run_of_command(Unit("command.prefix", "case close")):
            pass
        track_command_end(name, success=True)
    names = [name for name, *_ in results(sent.metrics_of("command.duration"))]
    assert names == ["case close", "case close", "close", "queue"]


def test_a_client_that_is_closed(sent: Sent) -> None:
    """Nothing waits for a client that tells nothing any more."""
    with run_of_command(BUY):
        pass
    client = sentry_sdk.get_client()
    batcher = batcher_of(client)
    assert batcher is not None
    client.close()
    with run_of_command(BUY):
        pass
    assert len(batcher._runs) == 0
    assert len(sent.metrics_of("command.duration")) == 1


def own_bot(sent: Sent, **options: Any) -> None:
    """Set the SDK up as a bot does that takes the integration alone."""
    sentry_sdk.init(
        sent.receiver.dsn,
        integrations=[DiscordIntegration()],
        _experiments={"transport_compression_level": 0},
        **options,
    )


def test_a_bots_own_hook(unstarted: Sent) -> None:
    """A bot's own hook for metrics is asked about each run, and may change or drop it."""

    def hook(metric: Any, _: object) -> Any:
        if metric["name"] == "command.runs":
            raise RuntimeError
        metric["attributes"]["shop"] = "north"
        return metric if metric["attributes"]["command"] == "buy" else None

    own_bot(unstarted, before_send_metric=hook)
    for name in ("buy", "sell"):
        with run_of_command(Unit("command.prefix", name)):
            pass
    (metric,) = unstarted.metrics
    assert attributes_of(metric)["shop"] == "north"
    assert (metric["name"], metric["value"] >= 0) == ("command.duration", True)
    lost = [one for report in unstarted.of("client_report") for one in report["discarded_events"]]
    told = {(one["reason"], one["quantity"]) for one in lost if one["category"] == "trace_metric"}
    assert told == {("before_send", 1), ("callback_error", 2)}


@pytest.mark.parametrize("hook", [None, lambda metric, _: metric])
def test_no_id_of_who_has_opted_out(unstarted: Sent, hook: Any) -> None:
    """Names of commands are looked through for ids that may not leave, whatever the transport."""
    own_bot(unstarted, before_send_metric=hook)
    set_opted_out({USER})
    with run_of_command(Unit("command.slash", f"greet {USER}")):
        pass
    assert {attributes_of(one)["command"] for one in unstarted.metrics} == {
        "greet [removed: opted out]"
    }


def test_attributes_are_scrubbed(sent: Sent) -> None:
    """What all runs have in common goes through the scrubber, too."""
    sent.start(environment="https://shop:hunter2-hunter2@example.org/")
    with run_of_command(BUY):
        pass
    assert len(sent.metrics) == 2
    assert b"hunter2" not in sent.everything


def test_what_cannot_be_scrubbed(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Durations that the scrubber fails at do not leave, and are a loss that is told."""

    def fail(metric: Any) -> Any:
        raise RuntimeError(metric["name"])

    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, SpoolingTransport)
    with monkeypatch.context() as patch:
        patch.setattr(transport.scrubber, "event", fail, raising=False)
        with run_of_command(BUY):
            pass
        batcher = batcher_of(sentry_sdk.get_client())
        assert batcher is not None
        batcher.flush()
    assert sent.metrics_of("command.duration") == []
    lost = [one for report in sent.of("client_report") for one in report["discarded_events"]]
    assert {"category": "trace_metric", "reason": "internal_sdk_error", "quantity": 1} in lost


def test_waits_for_people(sent: Sent) -> None:
    """What a run waited for people is a metric of its own, and no part of how long it took."""
    with run_of_command(BUY):
        work = current_work()
        assert work is not None
        work.people_seconds = 1000.0
        work.began -= 1000.5
    (metric,), (wait,) = map(sent.metrics_of, ("command.duration", "command.people_wait"))
    assert wait["value"] == 1_000_000
    assert 500 <= metric["value"] < 60_000
    assert "command" not in attributes_of(wait)


def test_more_than_one_item_holds(sent: Sent) -> None:
    """Many runs leave in items that a receiver takes, and what is too many is a loss that is told."""
    batcher = batcher_of(sentry_sdk.get_client())
    assert batcher is not None
    with batcher._telling:
        for _ in range(MOST_WAITING + 7):
            batcher.note(("buy", 0.001, 0.0, None, None, None, time.perf_counter(), ()))
    found = sent.metrics_of("command.duration")
    assert len(found) == MOST_WAITING
    assert max(len(batch["items"]) for batch in sent.of("trace_metric")) == MOST_AT_ONCE
    lost = [one for report in sent.of("client_report") for one in report["discarded_events"]]
    assert {"category": "trace_metric", "reason": "queue_overflow", "quantity": 7} in lost


def test_metrics_that_waited_before(sent: Sent) -> None:
    """The first run of a command takes over what waits in the SDK's own queue."""
    sentry_sdk.metrics.count("before", 1)
    with run_of_command(BUY):
        pass
    sentry_sdk.metrics.count("after", 1)
    names = sorted(one["name"] for one in sent.metrics)
    assert names == ["after", "before", "command.duration", "command.runs"]
    assert type(sentry_sdk.get_client().metrics_batcher) is RunBatcher


def test_without_metrics(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes no metrics gets none, and a fault in telling stays inside."""
    client = sentry_sdk.get_client()
    monkeypatch.setattr(client, "metrics_batcher", None)
    with run_of_command(BUY):
        pass
    monkeypatch.setattr(client, "metrics_batcher", object())
    with run_of_command(BUY):
        pass
    monkeypatch.undo()
    assert sent.metrics == []


def test_after_a_fork(sent: Sent) -> None:
    """A child has nothing to tell of what its parent has noted."""
    with run_of_command(BUY):
        pass
    batcher = batcher_of(sentry_sdk.get_client())
    assert batcher is not None
    child = os.fork()
    if child == 0:
        os._exit(len(batcher._runs))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(sent.metrics_of("command.duration")) == 1
