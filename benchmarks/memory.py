"""What stays in memory after very many commands."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import psutil
import sentry_sdk

from benchmarks.bots import bot_with, contexts
from benchmarks.receiver import receiving
from benchmarks.rounds import Answer, Plan, serve, workers
from benchmarks.table import NOT_JUDGED, Asked, Row, Table, judged
from benchmarks.variants import load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.bots import OfflineBot

OURS = "our layer"
VARIANTS: Final = {"bare": "bare", "SDK by hand": "by_hand", OURS: "layer"}
HARDLY_ANY: Final = 1e-9
BATCH: Final = ("work",) * 99 + ("fail",)
PER: Final = 100_000
MEGABYTE: Final = 1_000_000
MOST_MEGABYTES: Final = 1
FLUSH_SECONDS: Final = 5.0
NOTE = (
    f"Growth for each {PER:,} commands after 10,000, in MB: of the process (RSS), and of what Python "
    "has allocated (tracemalloc, measured over fewer commands in a process of its own, for it slows "
    "everything). Nothing is sampled, one command in a hundred fails, and what is captured is sent."
)


def run(asked: Asked) -> Table:
    """Measure all at once: memory does not mind who else works."""
    warm, count, traced = (100, 200, 100) if asked.is_quick else (10_000, PER, PER // 8)
    with receiving() as dsn, TemporaryDirectory() as folder:
        plans = {
            f"{name} {kind}": Plan(module, HARDLY_ANY, dsn, f"{folder}/{name} {kind}")
            for name, module in VARIANTS.items()
            for kind in ("rss", "traced")
        }
        with workers(__name__, plans) as started:
            for name, worker in started.items():
                is_traced = name.endswith("traced")
                worker.tell(warm=warm, count=traced if is_traced else count, is_traced=is_traced)
            found = {name: worker.wait()["bytes"] / MEGABYTE for name, worker in started.items()}
    rows = [
        _row(name, found[f"{name} rss"] * PER / count, found[f"{name} traced"] * PER / traced)
        for name in VARIANTS
    ]
    return Table("Memory", NOTE, ("RSS", "tracemalloc", "target", "met"), rows)


def _row(name: str, rss: float, traced: float) -> Row:
    verdict = judged(max(rss, traced), MOST_MEGABYTES, " MB") if name == OURS else NOT_JUDGED
    return Row(name, (f"{rss:.2f}", f"{traced:.2f}", *verdict))


async def _begin(plan: Plan) -> Callable[..., Awaitable[Answer]]:
    bot = await bot_with(load(plan).Work())

    async def answer(warm: int, count: int, *, is_traced: bool) -> Answer:
        if is_traced:
            tracemalloc.start()
        await _work(bot, warm)
        before = _size(is_traced=is_traced)
        await _work(bot, count)
        return {"bytes": _size(is_traced=is_traced) - before}

    return answer


async def _work(bot: OfflineBot, count: int) -> None:
    for _ in range(count // len(BATCH)):
        for ctx in await contexts(bot, BATCH):
            await bot.invoke(ctx)
        # The tasks of the error handlers: one turn to begin, one to be let go.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def _size(*, is_traced: bool) -> int:
    # What waits to be sent is not kept.
    sentry_sdk.flush(FLUSH_SECONDS)
    gc.collect()
    if is_traced:
        return tracemalloc.get_traced_memory()[0]
    rss: int = psutil.Process().memory_info().rss
    return rss


if __name__ == "__main__":
    serve(_begin)
