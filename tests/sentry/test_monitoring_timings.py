"""Runs of commands, scheduled jobs and flushes, however many there are at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from discord.ext import commands
from tests.fakes.receiver import Reply
from tests.fakes.sent import attributes_of, crumbs_of, status_of

import tux.services.sentry as layer
from tux.services.sentry import (
    CheckIn,
    capture_message,
    start_transaction,
    track_command_end,
    track_command_start,
)
from tux.services.sentry.units import Unit, unit_of_work

if TYPE_CHECKING:
    from tests.fakes.sent import Sent


async def test_runs_at_once(sent: Sent) -> None:
    """A hundred runs of one command are measured each for itself, ended where listeners run."""
    order: list[int] = []
    gates = [asyncio.Event() for _ in range(100)]

    async def listener(number: int) -> None:
        error = LookupError("gone") if number % 2 else None
        track_command_end("ban", success=error is None, error=error)

    async def run(number: int) -> None:
        with unit_of_work(Unit("command.prefix", f"ban {number}")):
            await asyncio.create_task(start())
            await gates[number].wait()
            order.append(number)
            await asyncio.create_task(listener(number))

    async def start() -> None:
        track_command_start("ban")

    runs = [asyncio.create_task(run(number)) for number in range(100)]
    for gate in reversed(gates):
        gate.set()
        await asyncio.sleep(0)
    await asyncio.gather(*runs)
    by_name = {one["transaction"]: one for one in sent.transactions}
    durations = []
    for number in order:
        told = by_name[f"ban {number}"]
        assert told["tags"]["command.result"] == ("failure" if number % 2 else "success")
        durations.append(told["contexts"]["trace"]["data"]["command.duration_ms"])
    metrics = [one for one in sent.metrics if one["name"] == "command.duration"]
    assert sorted(one["value"] for one in metrics) == sorted(durations)
    assert len(set(durations)) == 100
    counts = [attributes_of(one) for one in sent.metrics if one["name"] == "command.runs"]
    assert [one.get("error") for one in counts].count("LookupError") == 50


def test_run_is_told(sent: Sent) -> None:
    """Result and duration are in the transaction, the metrics and a breadcrumb."""
    with start_transaction(op="command", name="ban"):
        track_command_start("ban")
        took = track_command_end("ban", success=False, error=commands.BadArgument("no"))
        capture_message("after")
    assert took is not None
    assert status_of(sent.transaction) == "invalid_argument"
    assert crumbs_of(sent.event) == ["ban: failure"]
    assert {one["name"] for one in sent.metrics} == {"command.duration", "command.runs"}
    assert {attributes_of(one)["status"] for one in sent.metrics} == {"invalid_argument"}


def test_unknown_end(sent: Sent) -> None:
    """An end without a beginning is harmless, and no run ends twice."""
    assert track_command_end("ban", success=True) is None
    track_command_start("ban")
    assert track_command_end("kick", success=True) is None
    assert track_command_end("ban", success=True) is not None
    assert track_command_end("ban", success=True) is None
    assert len(sent.metrics) == 2


async def test_check_ins_overlap(sent: Sent) -> None:
    """Runs of one job that overlap each tell their own end."""
    meet = asyncio.Barrier(2)

    async def job(*, fail: bool) -> None:
        with CheckIn("prune", {"schedule": {"type": "interval", "value": 1, "unit": "hour"}}):
            await meet.wait()
            if fail:
                raise LookupError("gone")

    await asyncio.gather(job(fail=True), job(fail=False), return_exceptions=True)
    runs: dict[str, list[str]] = {}
    for one in sent.check_ins:
        runs.setdefault(one["check_in_id"], []).append(one["status"])
    assert sorted(runs.values()) == [["in_progress", "error"], ["in_progress", "ok"]]
    assert all(one["monitor_config"] for one in sent.check_ins)


async def test_flush_async_leaves_the_loop_free(sent: Sent) -> None:
    """While it waits for the receiver, others run."""
    sent.receiver.otherwise = Reply(delay=0.3)
    capture_message("look")
    flushing = asyncio.create_task(layer.flush_async(10))
    turns = 0
    while not flushing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 1
    assert len(sent.receiver.of("event")) == 1
