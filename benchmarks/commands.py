"""What a command costs more when it is watched."""

from __future__ import annotations

from statistics import median
from time import process_time_ns
from typing import TYPE_CHECKING

from benchmarks.bots import bot_with, contexts
from benchmarks.rounds import Answer, Plan, interleave, serve, workers
from benchmarks.table import (
    NONE,
    NOT_JUDGED,
    TIMES,
    Asked,
    Row,
    Table,
    judged,
    ratio,
    spread,
    times,
)
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HARDLY_ANY = 1e-9
"""A rate at which nothing is kept, although every transaction is asked about."""
MOST_UNSAMPLED, MOST_SAMPLED = 0.10, 1.15
BARE = "bare"
PLANS = {
    BARE: Plan("bare"),
    "our layer, unsampled": Plan("layer", HARDLY_ANY),
    "by hand, unsampled": Plan("by_hand", HARDLY_ANY),
    "our layer, sampled": Plan("layer", 1.0),
    "by hand, sampled": Plan("by_hand", 1.0),
}
PEER = "opentelemetry-instrumentation-discordpy"
PEER_PLANS = {
    f"{PEER}, unsampled": Plan("opentelemetry", HARDLY_ANY),
    f"{PEER}, sampled": Plan("opentelemetry", 1.0),
}
AGAINST: dict[str, tuple[str, float | None]] = {
    "our layer, unsampled": ("by hand, unsampled", MOST_UNSAMPLED),
    "our layer, sampled": ("by hand, sampled", MOST_SAMPLED),
    f"{PEER}, unsampled": ("by hand, unsampled", None),
    f"{PEER}, sampled": ("by hand, sampled", None),
}
NOTE = (
    "A prefix command through `bot.invoke`, in µs of CPU; the body opens three spans. Envelopes are thrown "
    "away. Overhead: what the variant takes more than bare in the same round."
)


def run(asked: Asked) -> Table:
    """Measure all variants in turns, in fresh processes several times."""
    generations, rounds, count = (1, 2, 5) if asked.is_quick else (3, 40, 100)
    plans = PLANS | (PEER_PLANS if asked.peers else {})
    pythons = dict.fromkeys(PEER_PLANS, asked.peers) if asked.peers else {}
    times_of: dict[str, list[float]] = {name: [] for name in plans}
    for _ in range(generations):
        with workers(__name__, plans, pythons) as started:
            interleave(started, rounds // 10 + 1, count=count)
            for name, answers in interleave(started, rounds, count=count).items():
                times_of[name] += [answer["us"] for answer in answers]
    over = {
        name: [own - bare for own, bare in zip(values, times_of[BARE], strict=True)]
        for name, values in times_of.items()
    }
    columns = ("µs", "overhead", "middle half", "of by hand", "target", "met")
    rows = [_row(name, times_of[name], over) for name in plans]
    if not asked.peers:
        rows.append(Row(f"{PEER}: {asked.no_peers_because}", (NONE,) * len(columns)))
    return Table("Commands", NOTE, columns, rows)


def _row(name: str, values: list[float], over: dict[str, list[float]]) -> Row:
    taken = f"{median(values):.1f}"
    if name == BARE:
        return Row(name, (taken, NONE, spread(values), NONE, *NOT_JUDGED))
    more = median(over[name])
    shown = (taken, f"{more:.1f}", spread(over[name]))
    if name not in AGAINST:
        return Row(name, (*shown, NONE, *NOT_JUDGED))
    peer, limit = AGAINST[name]
    share = ratio(more, median(over[peer]))
    verdict = judged(share, limit, TIMES) if limit is not None else NOT_JUDGED
    return Row(name, (*shown, times(share), *verdict))


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    variant = load(plan)
    bot = await bot_with(variant.Work())

    async def answer(count: int) -> Answer:
        written = await contexts(bot, ["work"] * count)
        began = process_time_ns()
        for ctx in written:
            await bot.invoke(ctx)
        return {"us": (process_time_ns() - began) / 1000 / count}

    return answer


if __name__ == "__main__":
    serve(_begin)
