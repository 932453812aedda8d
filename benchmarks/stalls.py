"""How long the event loop stands still while the bot is watched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks.bots import bot_with, contexts
from benchmarks.failures import raised
from benchmarks.receiver import receiving
from benchmarks.rounds import Answer, Plan, serve, workers
from benchmarks.table import NONE, NOT_JUDGED, Asked, Row, Table, judged, percentile, ratio, times
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.bots import OfflineBot
    from benchmarks.variants import Variant

OURS, PEER, BARE = "our layer", "SDK", "bare"
VARIANTS: Final = {BARE: "bare", PEER: "by_hand", OURS: "layer"}
RATE: Final = 0.1
TICK: Final = 0.001
SETTLING: Final = 0.2
QUICK: Final = 0.05
AROUND: Final = 0.2
"""Seconds that are looked at before and after one event: few, so that it weighs in the p99.9."""
A_SECOND: Final = 200
BURST: Final = 500
MOST_MILLISECONDS: Final = 5
SHARES: Final = (0.5, 0.99, 0.999, 1.0)
NOTE = (
    "How late a task wakes that asks to sleep for 1 ms, in ms; the loop's own clock is good for "
    "about 1 ms. Everything is sent to a receiver in another process: by our layer over its spool, by "
    "the SDK with its defaults over its own transport; bare sends nothing. `first capture` and "
    f"`burst` are looked at for {2 * AROUND:g} s each in fresh processes, several times; the load is "
    f"{A_SECOND} commands a second, sampled at {RATE:.0%}; the burst is {BURST} errors that are raised "
    "and captured at once."
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What goes on in the loop, and how often it is looked at in a fresh process."""

    act: Callable[[OfflineBot, Variant, float], Awaitable[None]]
    repetitions: int
    seconds: float = 2 * AROUND


async def _idle(_bot: OfflineBot, _variant: Variant, seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _load(bot: OfflineBot, _variant: Variant, seconds: float) -> None:
    """Run commands, each in a task of its own, at an even pace whatever they take."""
    began, running = perf_counter(), set()
    for number in range(int(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - perf_counter()))
        (ctx,) = await contexts(bot, ["work"])
        running.add(asyncio.create_task(bot.invoke(ctx)))
        running = {task for task in running if not task.done()}
    await asyncio.gather(*running)


async def _burst(_bot: OfflineBot, variant: Variant, seconds: float) -> None:
    await _capture(variant, -1)
    await asyncio.sleep(seconds / 2)
    await asyncio.gather(*(_capture(variant, number) for number in range(BURST)))
    await asyncio.sleep(seconds / 2)


async def _first(_bot: OfflineBot, variant: Variant, seconds: float) -> None:
    await asyncio.sleep(seconds / 2)
    await _capture(variant, 0)
    await asyncio.sleep(seconds / 2)


async def _capture(variant: Variant, number: int) -> None:
    variant.capture(raised(number))


SCENARIOS: Final = {
    "idle": Scenario(_idle, repetitions=2, seconds=2),
    "load": Scenario(_load, repetitions=3, seconds=3),
    "burst": Scenario(_burst, repetitions=4),
    "first capture": Scenario(_first, repetitions=5),
}


def run(asked: Asked) -> Table:
    """Let all variants through each scenario, one after the other, in fresh processes each time."""
    rows: list[Row] = []
    with receiving() as dsn, TemporaryDirectory() as folder:
        for name, scenario in SCENARIOS.items():
            rows += _rows(name, _late(name, scenario, asked, dsn, Path(folder)))
    columns = ("p50", "p99", "p99.9", "max", "of the SDK's p99.9", "target", "met")
    return Table("Stalls of the loop", NOTE, columns, rows)


def _late(
    name: str, scenario: Scenario, asked: Asked, dsn: str, folder: Path
) -> dict[str, list[float]]:
    seconds, settling = (QUICK, 0.0) if asked.is_quick else (scenario.seconds, SETTLING)
    late: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for turn in range(1 if asked.is_quick else scenario.repetitions):
        order = list(VARIANTS)[turn % 3 :] + list(VARIANTS)[: turn % 3]
        plans = {
            one: Plan(VARIANTS[one], RATE, dsn, str(folder / f"{name} {turn} {one}"))
            for one in order
        }
        with workers(__name__, plans) as started:
            for one, worker in started.items():
                late[one] += worker.ask(scenario=name, seconds=seconds, settling=settling)["late"]
                # Else it would go on sending in the turn of the next.
                worker.close()
    return late


def _rows(scenario: str, late: dict[str, list[float]]) -> list[Row]:
    figures = {
        name: [percentile(values, share) for share in SHARES] for name, values in late.items()
    }
    highest = {name: of_one[2] for name, of_one in figures.items()}
    return [
        Row(
            f"{scenario}: {name}",
            (
                *(f"{value:.2f}" for value in of_one),
                NONE if name == BARE else times(ratio(of_one[2], highest[PEER])),
                *(judged(of_one[2], MOST_MILLISECONDS, " ms") if name == OURS else NOT_JUDGED),
            ),
        )
        for name, of_one in figures.items()
    ]


async def _tick(late: list[float]) -> None:
    while True:
        due = perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append((perf_counter() - due) * 1000)


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    variant = load(plan)
    bot = await bot_with(variant.Work())

    async def answer(scenario: str, seconds: float, settling: float) -> Answer:
        late: list[float] = []
        await asyncio.sleep(settling)
        ticker = asyncio.create_task(_tick(late))
        await SCENARIOS[scenario].act(bot, variant, seconds)
        ticker.cancel()
        return {"late": late}

    return answer


if __name__ == "__main__":
    serve(_begin)
