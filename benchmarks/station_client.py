"""As many envelopes as a receiver takes over so many connections, in a process of its own.

Bodies are made beforehand, and HTTP is written by hand: what the client costs, the receiver lacks.
Standard library only.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

FRAMES: Final = 24
STEPS: Final = 8
PLACE: Final = "e" * 32
"""Where the id of an envelope goes."""


def template(kind: str, now: float) -> str:
    """Write an envelope of a real SDK's shape: an error of 20 KB, or a transaction of 5 KB."""
    trace = uuid.uuid4().hex
    event: dict[str, Any] = {
        "event_id": PLACE,
        "platform": "python",
        "release": "tux@1.9.0",
        "environment": "production",
        "server_name": "bot-1",
        "user": {"id": "100000000000000042"},
        "tags": {"command": "ban", "cog": "Moderation", "guild_id": "81384788765712384"},
        "contexts": {
            "trace": {
                "trace_id": trace,
                "span_id": trace[:16],
                "op": "command.slash",
                "status": "ok",
            },
            "runtime": {"name": "CPython", "version": "3.11.7"},
        },
        "timestamp": now,
        "modules": {f"package-{number}": f"1.{number}.0" for number in range(20)},
        "sdk": {"name": "sentry.python", "version": "2.75.0", "packages": []},
    }
    if kind == "error":
        frames = [_frame(place) for place in range(FRAMES)]
        raised = {"type": "KeyError", "value": "'xp'", "stacktrace": {"frames": frames}}
        crumbs = [
            {"timestamp": now, "category": "query", "message": f"query {number} of cases"}
            for number in range(30)
        ]
        event |= {
            "level": "error",
            "exception": {"values": [raised]},
            "breadcrumbs": {"values": crumbs},
        }
    else:
        event |= {
            "type": "transaction",
            "transaction": "ban",
            "start_timestamp": now - 0.2,
            "spans": [_span(trace, place, now) for place in range(STEPS)],
        }
    item = {"type": "event" if kind == "error" else "transaction"}
    return "\n".join(map(json.dumps, ({"event_id": PLACE}, item, event)))


def _frame(place: int) -> dict[str, Any]:
    return {
        "filename": f"tux/modules/levels{place}.py",
        "abs_path": f"/srv/bot/tux/modules/levels{place}.py",
        "module": f"tux.modules.levels{place}",
        "function": f"step_{place}",
        "lineno": 80 + place,
        "in_app": True,
        "pre_context": ["        row = await self.bot.db.levels.find(member.id)"] * 5,
        "context_line": "        xp = row['xp']",
        "post_context": ["        return xp + self.bonus(member)"] * 5,
        "vars": {"row": "{'id': 1, 'guild_id': 2}", "member": "<Member id=3>", "place": str(place)},
    }


def _span(trace: str, place: int, now: float) -> dict[str, Any]:
    return {
        "trace_id": trace,
        "span_id": uuid.uuid4().hex[:16],
        "parent_span_id": trace[:16],
        "op": "db.sql.query" if place % 2 else "http.client",
        "description": "SELECT cases.id, cases.reason FROM cases WHERE cases.guild_id = ?",
        "start_timestamp": now - 0.15,
        "timestamp": now - 0.05,
        "status": "ok",
        "origin": "auto.db.sqlalchemy",
        "data": {"db.system": "sqlite", "db.name": "tux.db", "thread.name": "MainThread"},
    }


def requests(dsn: str, kind: str, count: int) -> list[bytes]:
    """Make so many requests, each with an id of its own."""
    url = urlsplit(dsn)
    text = template(kind, time.time())
    found = []
    for _ in range(count):
        body = gzip.compress(text.replace(PLACE, uuid.uuid4().hex).encode(), 1)
        head = (
            f"POST /api{url.path}/envelope/ HTTP/1.1\r\nHost: {url.hostname}:{url.port}\r\n"
            f"X-Sentry-Auth: Sentry sentry_key={url.username}, sentry_version=7, "
            "sentry_client=bench/1\r\nContent-Type: application/x-sentry-envelope\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


async def send(dsn: str, bodies: list[bytes], connections: int, seconds: float) -> dict[str, Any]:
    """Send until the time is over, and tell how many were taken."""
    url, left = urlsplit(dsn), iter(bodies)
    taken = refused = 0
    begun = time.perf_counter()
    until = begun + seconds

    async def work() -> None:
        nonlocal taken, refused
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        for body in left:
            writer.write(body)
            status, closes = await _answer(reader)
            taken += status == 200  # noqa: PLR2004  # taken
            refused += status != 200  # noqa: PLR2004
            if time.perf_counter() >= until:
                break
            if closes:
                writer.close()
                reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return {"taken": taken, "refused": refused, "seconds": time.perf_counter() - begun}


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    if length:
        await reader.readexactly(int(length))
    elif b"chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return int(head[9:12]), b"connection: close" in head or not length


def main(arguments: Sequence[str]) -> None:
    """Send, and print what came of it."""
    dsn, kind, connections, seconds, count = arguments
    bodies = requests(dsn, kind, int(count))
    answer = asyncio.run(send(dsn, bodies, int(connections), float(seconds)))
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
