"""A bot that sends to a station, in a process of its own: so many envelopes a second."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from benchmarks.table import percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS: Final = 4
ONE_IN: Final = 20
"""Of so many runs one fails."""
STEPS: Final = (
    ("db.sql.query", "SELECT cases.id, cases.reason FROM cases WHERE cases.guild_id = ?"),
    ("db.sql.query", "UPDATE levels SET xp=? WHERE levels.user_id = ?"),
    ("http.client", "POST /channels/{channel_id}/messages"),
    ("discord.wait", "rate limit"),
)


def envelope(number: int, now: float) -> bytes:
    """Make a run of a command, or once in a while the error that it ended with."""
    event_id, trace = uuid.uuid4().hex, uuid.uuid4().hex
    event: dict[str, Any] = {
        "event_id": event_id,
        "platform": "python",
        "release": "tux@1.9.0",
        "user": {"id": str(10**17 + number % 5000)},
        "tags": {"command": f"command {number % 30}", "cog": "Moderation", "guild_id": "1"},
        "contexts": {"trace": {"trace_id": trace, "span_id": trace[:16], "op": "command.slash"}},
        "timestamp": now,
    }
    kind = "event" if number % ONE_IN == 0 else "transaction"
    if kind == "event":
        frames = [_frame(place) for place in range(20)]
        raised = {"type": "KeyError", "value": "'xp'", "stacktrace": {"frames": frames}}
        event |= {"level": "error", "exception": {"values": [raised]}}
    else:
        event |= {
            "type": "transaction",
            "transaction": f"command {number % 30}",
            "start_timestamp": now - 0.2,
            "spans": [_span(trace, op, text, now) for op, text in STEPS],
        }
    lines = [{"event_id": event_id}, {"type": kind}, event]
    return gzip.compress("\n".join(map(json.dumps, lines)).encode(), 1)


def _frame(place: int) -> dict[str, Any]:
    return {
        "module": f"tux.modules.levels{place}",
        "function": "rank",
        "lineno": 80 + place,
        "in_app": True,
        "pre_context": ["        row = await self.bot.db.levels.find(member.id)"] * 3,
        "context_line": "        xp = row['xp']",
        "vars": {"row": "{'id': 1, 'guild_id': 2}", "member": "<Member id=3>"},
    }


def _span(trace: str, op: str, description: str, now: float) -> dict[str, Any]:
    return {
        "trace_id": trace,
        "span_id": uuid.uuid4().hex[:16],
        "parent_span_id": trace[:16],
        "op": op,
        "description": description,
        "start_timestamp": now - 0.15,
        "timestamp": now - 0.05,
    }


async def send(dsn: str, rate: float) -> list[float]:
    """Send until standard input says a line; gives how long each answer took, in milliseconds.

    A rate of 0 sends as fast as answers come.
    """
    key, _, host = dsn.removeprefix("http://").partition("@")
    address = f"http://{host.partition('/')[0]}/api/1/envelope/"
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={key}", "Content-Encoding": "gzip"}
    stop = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    took: list[float] = []

    async def work(first: int) -> None:
        begun = time.perf_counter()
        for turn in range(1, sys.maxsize):
            body = envelope(first + turn * CONNECTIONS, time.time())
            if rate:
                await asyncio.sleep(begun + turn * CONNECTIONS / rate - time.perf_counter())
            before = time.perf_counter()
            async with session.post(address, data=body, headers=headers) as answer:
                answer.raise_for_status()
            took.append((time.perf_counter() - before) * 1000)
            if stop.done():
                return

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*map(work, range(CONNECTIONS)))
    return took


def main(arguments: Sequence[str]) -> None:
    """Send to a DSN at a rate, and print what came of it."""
    dsn, rate = arguments
    begun = time.perf_counter()
    took = asyncio.run(send(dsn, float(rate)))
    seconds = time.perf_counter() - begun
    answer = {
        "rate": len(took) / seconds,
        "p50": percentile(took, 0.5),
        "p95": percentile(took, 0.95),
        "max": max(took),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
