"""A month of a busy bot, written into a station's file by the station's own writing code."""

from __future__ import annotations

import json
import math
import random
import sqlite3
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path  # noqa: TC003  # typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tux.station.rollups.names import Names
from tux.station.rollups.recording import record
from tux.station.store.schema import prepare
from tux.station.store.writing import save
from tux.station.wire.rows import (
    Batch,
    CheckInRow,
    DiscardRow,
    EventRow,
    LogRow,
    SessionRow,
    SpanRow,
    TransactionRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tux.station.wire.rows import Row

DAYS: Final = 30
DAY: Final = 86_400.0
AT_ONCE: Final = 1000
"""Transactions of one batch."""
COMMANDS: Final = 30
RELEASES: Final = 10
ISSUES: Final = 400
MONITORS: Final = 8
FAILED_PERCENT: Final = 2
QUERIES: Final = tuple(
    f"{verb} {columns} {table} WHERE {table}.guild_id = ? AND {table}.user_id = ?"
    for table in ("cases", "levels", "members", "snippets", "reminders", "starboard")
    for verb, columns in (
        ("SELECT", f"{table}.id, {table}.guild_id, {table}.user_id, {table}.reason FROM"),
        ("UPDATE", f"{table} SET reason=?, updated_at=? FROM"),
        ("INSERT INTO", f"{table} (guild_id, user_id, reason) VALUES (?, ?, ?) /* of */"),
        ("DELETE", "FROM"),
    )
)
CALLS: Final = (
    *(f"POST /channels/{{channel_id}}/{what}" for what in ("messages", "typing", "invites")),
    *(f"PATCH /guilds/{{guild_id}}/{what}" for what in ("members/{user_id}", "roles/{role_id}")),
    *("POST /interactions/{id}/{token}/callback", "PUT /guilds/{guild_id}/bans/{user_id}"),
    *("GET https://xkcd.com/info.0.json", "GET https://api.github.com/repos/x/y/issues"),
)
WORDS: Final = (
    *("shard", "ready", "session", "resumed", "member", "joined", "left", "banned", "muted"),
    *("level", "xp", "cache", "miss", "hit", "timeout", "retry", "gateway", "heartbeat"),
    *("reaction", "starboard", "snippet", "reminder", "expired", "query", "slow"),
)
IN_ONE_GO: Final = (
    *("auto_vacuum = INCREMENTAL", "journal_mode = OFF", "synchronous = OFF"),
    "cache_size = -400000",
)
"""Whoever fills a new file may begin anew: each page goes to disk once."""
BATCHES: Final = 50
"""Of one commit."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much."""

    transactions: int = 1_000_000
    events: int = 100_000
    logs: int = 200_000
    users: int = 5_000

    def divided(self, by: int) -> Size:
        """Make a smaller one of the same shape."""
        return Size(*(count // by for count in (self.transactions, self.events, self.logs)))


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    op: str
    middle: float
    """Median duration, in milliseconds."""


class Month:
    """Makes the rows of a month that ends now, the oldest first; the same seed, the same month."""

    def __init__(self, size: Size, now: float, seed: int = 7) -> None:
        self._size, self._begin = size, now - DAYS * DAY
        self._chance = random.Random(seed)  # noqa: S311  # no secret
        self._kinds = [
            *(_Kind(f"command {n}", "command.slash", 25.0 * 1.13**n) for n in range(COMMANDS)),
            *(_Kind(f"on_{what}", "event", 4.0) for what in ("message", "reaction", "join")),
            *(_Kind(f"loop {what}", "task.loop", 60.0) for what in ("expire", "remind")),
        ]
        self._weights = list(accumulate(1 / (n + 3) for n in range(len(self._kinds))))
        self._users = [f"{self._chance.getrandbits(60):018}" for _ in range(size.users)]
        self._payloads = [self._payload(450) for _ in range(100)]
        self._bodies = [self._payload(1700) for _ in range(50)]

    def batches(self) -> Iterator[Batch]:
        """Make everything, in batches."""
        steps = max(1, self._size.transactions // AT_ONCE)
        length = DAYS * DAY / steps
        for step in range(steps):
            start = self._begin + step * length
            rows: list[Row] = list(self._transactions(start, length))
            events, logs = (
                range(total * step // steps, total * (step + 1) // steps)
                for total in (self._size.events, self._size.logs)
            )
            rows += [self._event(number, start, length) for number in events]
            rows += [self._log(number, start, length) for number in logs]
            rows += self._signals(start, length)
            yield Batch(1, tuple(rows))

    def _transactions(self, start: float, length: float) -> Iterator[TransactionRow]:
        chance, count = self._chance, min(AT_ONCE, self._size.transactions)
        kinds = chance.choices(self._kinds, cum_weights=self._weights, k=count)
        for place, kind in enumerate(kinds):
            moment = start + length * place / count
            trace, root = f"{chance.getrandbits(128):032x}", f"{chance.getrandbits(64):016x}"
            duration = kind.middle * math.exp(chance.gauss(0, 0.6))
            luck = chance.random() * 100
            status = "internal_error" if luck < FAILED_PERCENT else "ok"
            if luck > 96:  # noqa: PLR2004  # one in 25 is a member's mistake
                status = "permission_denied" if luck > 98 else "invalid_argument"  # noqa: PLR2004
            yield TransactionRow(
                event_id=f"{chance.getrandbits(128):032x}",
                received=moment + duration / 1000,
                start=moment,
                duration=duration,
                name=kind.name,
                op=kind.op,
                status=status,
                trace_id=trace,
                span_id=root,
                parent_span_id=None,
                user_id=self._user(),
                release=self._release(moment),
                environment="production",
                payload=self._payloads[place % len(self._payloads)],
                spans=tuple(self._spans(trace, root, moment, duration)),
                tags=_tags(kind, place),
            )

    def _spans(self, trace: str, root: str, moment: float, duration: float) -> Iterator[SpanRow]:
        chance = self._chance
        steps = [
            ("db.sql.query", chance.choice(QUERIES), 0.1),
            ("db.sql.query", chance.choice(QUERIES), 0.15),
            ("http.client", chance.choice(CALLS), 0.5),
            ("discord.ratelimit", "rate limit", 0.05),
        ]
        for op, description, share in steps:
            length = duration * share * (0.5 + chance.random())
            own = f"{chance.getrandbits(64):016x}"
            yield SpanRow(trace, own, root, op, description, "ok", moment, length)
            moment += length / 1000

    def _event(self, number: int, start: float, length: float) -> EventRow:
        chance = self._chance
        issue = min(int(chance.expovariate(1 / 40)), ISSUES - 1)
        moment = start + length * chance.random()
        command = f"command {issue % COMMANDS}"
        return EventRow(
            event_id=f"{chance.getrandbits(128):032x}",
            received=moment,
            timestamp=moment,
            level="warning" if issue % 9 == 8 else "error",  # noqa: PLR2004  # one of nine
            grouping=f"v1:{issue}",
            title=f"KeyError: 'member {issue}'",
            culprit=f"tux.modules.module{issue % 17} in command_{issue}",
            transaction=command,
            trace_id=f"{chance.getrandbits(128):032x}",
            span_id=f"{chance.getrandbits(64):016x}",
            user_id=self._user(),
            release=self._release(moment),
            environment="production",
            handled=True,
            tags=(
                ("command", command),
                ("cog", f"Module{issue % 17}"),
                ("guild_id", f"{number % 300:018}"),
                ("channel_id", f"{number % 900:018}"),
                ("guild.size", ("small", "medium", "large")[number % 3]),
                ("runtime", "CPython 3.11.7"),
            ),
            payload=self._bodies[number % len(self._bodies)],
        )

    def _log(self, number: int, start: float, length: float) -> LogRow:
        chance = self._chance
        words = " ".join(chance.choices(WORDS, k=8))
        return LogRow(
            timestamp=start + length * chance.random(),
            level=("info", "info", "debug", "info", "warn", "error")[number % 6],
            body=f"{words} {number}",
            trace_id=f"{chance.getrandbits(128):032x}",
            attributes=f'{{"sentry.release": "tux@1", "guild_id": "{number % 300}"}}',
        )

    def _signals(self, start: float, length: float) -> Iterator[Row]:
        """Sessions by the minute, runs of the jobs by the quarter, a loss now and then."""
        first, last = int(start // 60), int((start + length) // 60)
        for minute in range(first, last):
            moment = minute * 60.0
            release = self._release(moment)
            ended = self._chance.randint(5, 20)
            yield SessionRow(
                *(f"{minute:032x}", moment, moment, release, "production"),
                *(ended, minute % 3, int(minute % 50 == 0), 0, True),
            )
            if minute % 15 == 0:
                for job in range(MONITORS):
                    status = "error" if (minute // 15 + job) % 40 == 0 else "ok"
                    config = '{"schedule": {"type": "interval", "value": 15, "unit": "minute"}}'
                    own = f"{minute * 100 + job:032x}"
                    yield CheckInRow(own, f"job-{job}", status, moment, 800.0 + job, config)
                yield DiscardRow(moment, "client", "log_item", "queue_overflow", 3)

    def _user(self) -> str:
        """Pick one: few are there all the time, most now and then."""
        return self._users[int(len(self._users) * self._chance.random() ** 2)]

    def _release(self, moment: float) -> str:
        number = int((moment - self._begin) / (DAYS * DAY) * RELEASES)
        return f"tux@1.{min(max(number, 0), RELEASES - 1)}.0"

    def _payload(self, size: int) -> bytes:
        """Make a document that is about so large once it is compressed."""
        noise = [f"{self._chance.getrandbits(128):032x}" for _ in range(size // 18)]
        return zlib.compress(json.dumps(_document(noise)).encode())


def _tags(kind: _Kind, number: int) -> tuple[tuple[str, str], ...]:
    """Tag as the layer does."""
    return (
        ("command", kind.name),
        ("command.kind", kind.op.rpartition(".")[2]),
        ("feature", f"Module{len(kind.name) * 7 % 17}"),
        ("guild.size", ("small", "medium", "large")[number % 3]),
        ("guild_id", f"{number % 300:018}"),
        ("channel_id", f"{number % 900:018}"),
        ("shard", str(number % 4)),
    )


def _document(noise: Sequence[str]) -> dict[str, Any]:
    frames = [
        {
            "module": f"tux.modules.module{place}",
            "function": f"call_{word[:6]}",
            "lineno": place + 10,
            "in_app": place % 2 == 0,
            "context_line": f"    value = self.find({word!r})",
            "vars": {"word": word},
        }
        for place, word in enumerate(noise[:40])
    ]
    raised = {"type": "KeyError", "value": "'member'", "stacktrace": {"frames": frames}}
    return {
        "platform": "python",
        "exception": {"values": [raised]},
        "extra": dict(enumerate(noise[40:])),
        "tags": {"command": "ban", "cog": "Moderation"},
    }


def load(path: Path, size: Size, now: float) -> float:
    """Fill a new file as the station's writer does, without its journal; gives the seconds."""
    began = time.perf_counter()
    with closing(sqlite3.connect(path, isolation_level=None, cached_statements=256)) as connection:
        for pragma in IN_ONE_GO:
            connection.execute(f"PRAGMA {pragma}")
        prepare(connection, now)
        names = Names()
        for number, batch in enumerate(Month(size, now).batches(), 1):
            if not connection.in_transaction:
                connection.execute("BEGIN")
            record(connection, [save(connection, batch)], names, now)
            if number % BATCHES == 0:
                connection.execute("COMMIT")
        if connection.in_transaction:
            connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    return time.perf_counter() - began


def main(path: Path, divided: Annotated[int, typer.Option(help="Load less.")] = 1) -> None:
    """Fill a station's file."""
    seconds = load(path, Size().divided(divided), time.time())
    size = sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    typer.echo(f"{seconds:.0f} s, {size / 1e6:,.0f} MB")


if __name__ == "__main__":
    typer.run(main)
