"""How long a capture that passes holds the loop, with the spool and without it."""

from __future__ import annotations

import asyncio
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Final

from benchmarks.failures import raised
from benchmarks.receiver import receiving
from benchmarks.rounds import Answer, Plan, interleave, serve, workers
from benchmarks.table import NOT_JUDGED, Asked, Row, Table, judged, ratio, spread, times
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WITH, WITHOUT = "with the spool", "without it"
PAUSE: Final = 0.05
"""Seconds after each, in which the sender's thread has it sent."""
MOST: Final = 1.05
NOTE = (
    "One call of `capture_exception` with a fresh error that passes the limiter, in µs on the clock and "
    "in µs of CPU of the loop's own thread, each sent before the next. Without the spool is the same "
    "layer, which throws the scrubbed envelope away."
)


def run(asked: Asked) -> Table:
    """Measure both in turns."""
    rounds, count = (2, 3) if asked.is_quick else (30, 6)
    with receiving() as dsn, TemporaryDirectory() as folder:
        plans = {
            WITH: Plan("layer", dsn=dsn, folder=f"{folder}/with", passes=True),
            WITHOUT: Plan("unspooled", dsn=dsn, folder=f"{folder}/without", passes=True),
        }
        with workers(__name__, plans) as started:
            interleave(started, 2, count=count)
            answers = interleave(started, rounds, count=count)
    found = {name: [answer["us"] for answer in of_one] for name, of_one in answers.items()}
    cpu = {name: median(answer["cpu"] for answer in of_one) for name, of_one in answers.items()}
    rows = [_row(name, found[name], cpu, median(found[WITHOUT])) for name in plans]
    columns = ("µs", "middle half", "ratio", "µs of CPU", "ratio of CPU", "target", "met")
    return Table("A capture with and without the spool", NOTE, columns, rows)


def _row(name: str, values: list[float], cpu: dict[str, float], against: float) -> Row:
    share = ratio(median(values), against)
    verdict = judged(share, MOST, "×") if name == WITH else NOT_JUDGED  # noqa: RUF001  # as in the cells
    of_cpu = times(ratio(cpu[name], cpu[WITHOUT]))
    figures = (f"{median(values):.0f}", spread(values, 0), times(share), f"{cpu[name]:.0f}")
    return Row(name, (*figures, of_cpu, *verdict))


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    capture = load(plan).capture

    async def answer(count: int) -> Answer:
        taken, worked = [], []
        for number in range(count):
            error = raised(number)
            began, at_work = perf_counter_ns(), thread_time_ns()
            capture(error)
            worked.append((thread_time_ns() - at_work) / 1000)
            taken.append((perf_counter_ns() - began) / 1000)
            await asyncio.sleep(PAUSE)
        return {"us": median(taken), "cpu": median(worked)}

    return answer


if __name__ == "__main__":
    serve(_begin)
