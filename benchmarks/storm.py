"""A loop that fails ten thousand times in the same way: what it costs, and who notices."""

from __future__ import annotations

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final

import psutil

from benchmarks.failures import raised
from benchmarks.receiver import receiving
from benchmarks.rounds import Answer, Plan, serve, workers
from benchmarks.table import NONE, NOT_JUDGED, Asked, Row, Table, judged, ratio, times
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OURS, PEER, BARE = "our layer", "SDK", "bare"
VARIANTS: Final = {BARE: "bare", PEER: "by_hand", OURS: "layer"}
ERRORS: Final = 10_000
OF_THE_PEER: Final = 1_000
"""It would take most of a minute for all; its CPU time is told for as many as ours."""
REPETITIONS: Final = 5
MOST_SECONDS: Final = 0.2
MOST_MILLISECONDS: Final = 5
TICK: Final = 0.001
NOTE = (
    f"{ERRORS:,} errors of one kind, raised and captured in a loop that lets others run after each. CPU "
    "seconds of the whole process less those of bare, which only raises; worst lag of a task that "
    "asks to sleep for 1 ms; growth of the process. Medians of "
    f"{REPETITIONS} fresh processes each, in turns: a worst lag is often another process's doing, as "
    f"bare's shows. The SDK, with its defaults, is given {OF_THE_PEER:,}, and its CPU is told for "
    f"{ERRORS:,}."
)


def run(asked: Asked) -> Table:
    """Let each variant through it in fresh processes."""
    answers: dict[str, list[Answer]] = {name: [] for name in VARIANTS}
    with receiving() as dsn, TemporaryDirectory() as folder:
        for turn in range(1 if asked.is_quick else REPETITIONS):
            names = list(VARIANTS)
            for name in names[turn % 3 :] + names[: turn % 3]:
                plan = Plan(VARIANTS[name], dsn=dsn, folder=str(Path(folder) / f"{name} {turn}"))
                answers[name].append(_answer(name, plan, asked))
    found = {name: _median(of_one) for name, of_one in answers.items()}
    cost = {name: max(one["cpu"] - found[BARE]["cpu"], 0.0) for name, one in found.items()}
    columns = ("CPU s", "of the SDK's", "target", "met", "worst lag, ms", "target", "met")
    rows = [_row(name, answer, cost) for name, answer in found.items()]
    return Table("A storm of errors", NOTE, ("growth, MB", *columns), rows)


def _answer(name: str, plan: Plan, asked: Asked) -> Answer:
    wanted = 20 if asked.is_quick else ERRORS
    count = min(wanted, OF_THE_PEER) if name == PEER else wanted
    with workers(__name__, {name: plan}) as started:
        answer = started[name].ask(count=count)
    answer["cpu"] *= wanted / count
    return answer


def _median(answers: list[Answer]) -> Answer:
    return {figure: median(one[figure] for one in answers) for figure in answers[0]}


def _row(name: str, answer: Answer, cost: dict[str, float]) -> Row:
    share = NONE if name == BARE else times(ratio(cost[name], cost[PEER]))
    of_cpu = judged(cost[name], MOST_SECONDS, " s") if name == OURS else NOT_JUDGED
    of_lag = judged(answer["lag"], MOST_MILLISECONDS, " ms") if name == OURS else NOT_JUDGED
    shown = answer["cpu"] if name == BARE else cost[name]
    cells = (f"{shown:.3f}", share, *of_cpu, f"{answer['lag']:.1f}", *of_lag)
    return Row(name, (f"{answer['mb']:.1f}", *cells))


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    capture = load(plan).capture
    process = psutil.Process()
    late: list[float] = []

    async def tick() -> None:
        while True:
            due = perf_counter() + TICK
            await asyncio.sleep(TICK)
            late.append((perf_counter() - due) * 1000)

    async def answer(count: int) -> Answer:
        # The first one has costs of its own, which another table has.
        capture(raised(0))
        await asyncio.sleep(0.3)
        ticker = asyncio.create_task(tick())
        size, began = process.memory_info().rss, process_time()
        for number in range(count):
            capture(raised(number))
            await asyncio.sleep(0)
        taken = process_time() - began
        # A short storm may be over before the first tick, which tells what it held up.
        await asyncio.sleep(2 * TICK)
        ticker.cancel()
        grown = (process.memory_info().rss - size) / 1e6
        return {"cpu": taken, "lag": max(late), "mb": grown}

    return answer


if __name__ == "__main__":
    serve(_begin)
