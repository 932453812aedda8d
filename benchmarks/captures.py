"""What an error costs that is not sent, for there were too many of its kind."""

from __future__ import annotations

from statistics import median
from tempfile import TemporaryDirectory
from time import process_time_ns
from typing import TYPE_CHECKING

from benchmarks.failures import raised
from benchmarks.receiver import receiving
from benchmarks.rounds import Answer, Plan, interleave, serve, workers
from benchmarks.table import NOT_JUDGED, Asked, Row, Table, judged, ratio, spread, times
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OURS = "our layer, limiter exhausted"
DROPPED = "SDK, `before_send` returns None"
OFF = "SDK, off"
MOST_MICROSECONDS = 10
NOTE = (
    "One call of `capture_exception` with a fresh error, four frames deep, in µs of CPU; raising the error "
    "is not counted."
)


def run(asked: Asked) -> Table:
    """Measure all variants in turns."""
    rounds, count = (2, 3) if asked.is_quick else (100, 50)
    with receiving() as dsn, TemporaryDirectory() as folder:
        plans = {
            OURS: Plan("layer", dsn=dsn, folder=folder, drops=True),
            DROPPED: Plan("by_hand", drops=True),
            OFF: Plan("by_hand", is_on=False),
        }
        with workers(__name__, plans) as started:
            interleave(started, 5, count=count)
            answers = interleave(started, rounds, count=count)
    found = {name: [answer["us"] for answer in of_one] for name, of_one in answers.items()}
    against = median(found[DROPPED])
    columns = ("µs", "middle half", "of the SDK's", "target", "met")
    return Table(
        "Suppressed captures", NOTE, columns, [_row(*one, against) for one in found.items()]
    )


def _row(name: str, values: list[float], against: float) -> Row:
    taken = median(values)
    verdict = judged(taken, MOST_MICROSECONDS, " µs") if name == OURS else NOT_JUDGED
    share = times(ratio(taken, against))
    return Row(name, (f"{taken:.2f}", spread(values, 2), share, *verdict))


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    capture = load(plan).capture

    async def answer(count: int) -> Answer:
        errors = [raised(number) for number in range(count)]
        began = process_time_ns()
        for error in errors:
            capture(error)
        return {"us": (process_time_ns() - began) / 1000 / count}

    return answer


if __name__ == "__main__":
    serve(_begin)
