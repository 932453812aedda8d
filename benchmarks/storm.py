"""A loop that fails ten thousand times in the same way: what it costs, and who notices."""

from __future__ import annotations

import asyncio
from pathlib import Path
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
MOST_SECONDS: Final = 0.2
TICK: Final = 0.001
NOTE = (
    f"{ERRORS:,} errors of one kind, raised and captured in a loop that lets others run after each. CPU "
    "seconds of the whole process less those of bare, which only raises; worst lag of a task that "
    "asks to sleep for 1 ms; growth of the process. The SDK, with its defaults, is given "
    f"{OF_THE_PEER:,}, and its CPU is told for {ERRORS:,}."
)


def run(asked: Asked) -> Table:
    """Let each variant through it in a fresh process."""
    answers: dict[str, Answer] = {}
    with receiving() as dsn, TemporaryDirectory() as folder:
        for name, variant in VARIANTS.items():
            count = 20 if asked.is_quick else OF_THE_PEER if name == PEER else ERRORS
            plan = Plan(variant, dsn=dsn, folder=str(Path(folder) / variant))
            with workers(__name__, {name: plan}) as started:
                answer = started[name].ask(count=count)
            answer["cpu"] *= (20 if asked.is_quick else ERRORS) / count
            answers[name] = answer
    bare = answers[BARE]["cpu"]
    cost = {name: max(answer["cpu"] - bare, 0.0) for name, answer in answers.items()}
    columns = ("CPU s", "of the SDK's", "worst lag, ms", "growth, MB", "target", "met")
    rows = [_row(name, answer, cost) for name, answer in answers.items()]
    return Table("A storm of errors", NOTE, columns, rows)


def _row(name: str, answer: Answer, cost: dict[str, float]) -> Row:
    share = NONE if name == BARE else times(ratio(cost[name], cost[PEER]))
    verdict = judged(cost[name], MOST_SECONDS, " s") if name == OURS else NOT_JUDGED
    shown = answer["cpu"] if name == BARE else cost[name]
    return Row(
        name, (f"{shown:.3f}", share, f"{answer['lag']:.1f}", f"{answer['mb']:.1f}", *verdict)
    )


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
