"""Figures, percentiles and series, asked of a file in memory."""

from __future__ import annotations

import math
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tux.station.queries import figures, groups, health
from tux.station.queries.ranges import RANGES, range_of
from tux.station.rollups.names import Names
from tux.station.rollups.outcomes import FAILED, FAILED_SQL
from tux.station.rollups.recording import record
from tux.station.store.schema import prepare
from tux.station.store.writing import save
from tux.station.wire.rows import (
    Batch,
    DiscardRow,
    EventRow,
    Row,
    SessionRow,
    SpanRow,
    TransactionRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000.0


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """The station's tables, empty."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        prepare(connection, NOW)
        yield connection


def keep(file: sqlite3.Connection, *rows: Row) -> None:
    """Keep rows with all that is counted of them."""
    record(file, [save(file, Batch(1, rows))], Names(), NOW)


def run(
    file: sqlite3.Connection,
    duration: float,
    *,
    name: str = "ban",
    op: str = "command",
    status: str = "ok",
    user: str | None = None,
    age: float = 10.0,
    spans: tuple[SpanRow, ...] = (),
) -> None:
    """Keep one transaction."""
    facts = (uuid4().hex, NOW, NOW - age, duration, name, op, status, "", "", None, user)
    keep(file, TransactionRow(*facts, None, None, b"", spans))


def step(op: str, description: str, duration: float, **changes: Any) -> SpanRow:
    """Make one span."""
    return replace(SpanRow("", "", None, op, description, "ok", NOW - 5, duration), **changes)


def err(
    file: sqlite3.Connection,
    *,
    age: float,
    level: str = "error",
    user: str | None = None,
    command: str = "",
) -> None:
    """Keep one event."""
    tags = (("command", command),) if command else ()
    facts = (uuid4().hex, NOW, NOW - age, level, "v1:x", "", "", None, None, None, user)
    keep(file, EventRow(*facts, None, None, None, tags, b""))


def exact(durations: list[float]) -> list[float]:
    """Give p50, p95 and p99 by the nearest rank."""
    ordered = sorted(durations)
    return [ordered[math.ceil(len(ordered) * share) - 1] for share in (0.50, 0.95, 0.99)]


@pytest.mark.parametrize("count", [1, 2, 3, 19, 20, 21, 99, 100, 101, 250])
def test_percentiles_are_near(file: sqlite3.Connection, count: int) -> None:
    """They are within 5 % of the nearest rank, and totals are exact."""
    durations = [random.Random(count).uniform(0.5, 1000) for _ in range(count)]
    for duration in durations:
        run(file, duration)
    for name in ("15m", "24h"):
        expected = pytest.approx(exact(durations), rel=0.05)
        (group,) = groups.commands(file, RANGES[name], NOW)
        assert [group.p50, group.p95, group.p99] == expected
        assert group.total == pytest.approx(sum(durations))
        found = figures.figures(file, RANGES[name], NOW)
        assert found.commands
        commands = found.commands
        assert [commands.p50, commands.p95, commands.p99] == expected
        assert commands.mean == pytest.approx(sum(durations) / len(durations))


@pytest.mark.parametrize("name", RANGES)
def test_nothing_has_no_percentile(file: sqlite3.Connection, name: str) -> None:
    """Of nothing there is no figure, and no division by it."""
    found = figures.figures(file, RANGES[name], NOW)
    assert (found.commands, found.failure_rate, found.errors_per_minute) == (None, None, 0)
    assert groups.commands(file, RANGES[name], NOW) == []
    assert set(figures.durations_over_time(file, RANGES[name], NOW)) == {None}


@pytest.mark.parametrize(
    ("status", "failures"),
    [
        *((status, 1) for status in FAILED),
        *(
            (status, 0)
            for status in ("ok", "unknown", "invalid_argument", "permission_denied", "cancelled")
        ),
    ],
)
@pytest.mark.parametrize("name", ["1h", "24h"])
def test_a_members_mistake_is_no_failure(
    file: sqlite3.Connection, name: str, status: str, failures: int
) -> None:
    """Only statuses that mean that the bot is at fault count."""
    run(file, 1, status=status)
    assert groups.commands(file, RANGES[name], NOW)[0].failures == failures
    assert figures.figures(file, RANGES[name], NOW).failures == failures


def test_what_counts_as_failed_is_one_list(file: sqlite3.Connection) -> None:
    """The query asks for what is counted, and the partial indexes have what it asks for."""
    values = ", ".join(["(?)"] * (len(FAILED) + 1))
    asked = (
        f"SELECT status FROM (SELECT column1 AS status FROM (VALUES {values})) WHERE {FAILED_SQL}"
    )
    assert [row[0] for row in file.execute(asked, (*FAILED, "ok"))] == list(FAILED)
    for index in ("transactions_failed", "transactions_name_failed"):
        of_name = f"INDEXED BY {index} WHERE name = 'ban' AND {FAILED_SQL}"
        (step,) = file.execute(f"EXPLAIN QUERY PLAN SELECT id FROM transactions {of_name}")
        assert index in step[-1]


@pytest.mark.parametrize("name", ["1h", "24h"])
def test_commands_are_told_from_other_work(file: sqlite3.Connection, name: str) -> None:
    """An op that is or begins with command is a command."""
    for op in ("command", "command.slash", "commander", "event", "task"):
        run(file, 1, name=op, op=op)
    assert {group.name for group in groups.commands(file, RANGES[name], NOW)} == {
        "command",
        "command.slash",
        "commander",
    }
    assert figures.figures(file, RANGES[name], NOW).runs == 3
    assert len(groups.transactions(file, RANGES[name], NOW)) == 5
    (one,) = groups.transactions(file, RANGES[name], NOW, name="task")
    assert one.name == "task"


@pytest.mark.parametrize("name", ["15m", "24h", "30d"])
def test_groups_are_counted(file: sqlite3.Connection, name: str) -> None:
    """The most used is first; users count once; what is older is left out."""
    for user in ("a", "a", "b", None):
        run(file, 10, name="warn", user=user)
    run(file, 10, name="ban", user="c")
    run(file, 10, name="ban", user="d", age=RANGES[name].seconds + RANGES[name].bucket)
    warn, ban = groups.commands(file, RANGES[name], NOW)
    assert (warn.name, warn.count, warn.users, warn.total) == ("warn", 4, 2, 40)
    assert (ban.name, ban.count, ban.users) == ("ban", 1, 1)


@pytest.mark.parametrize("name", ["15m", "24h"])
def test_a_name_of_two_kinds_of_work_is_one_group(file: sqlite3.Connection, name: str) -> None:
    """Who runs a command as text and as a slash command is one user of one command."""
    for op, user in (("command.prefix", "a"), ("command.slash", "a"), ("command.slash", "b")):
        run(file, 10, op=op, user=user)
    (ban,) = groups.commands(file, RANGES[name], NOW)
    assert (ban.op, ban.count, ban.users) == ("command.slash", 3, 2)
    assert groups.transactions(file, RANGES[name], NOW, name="ban") == [ban]


@pytest.mark.parametrize("name", ["15m", "24h"])
def test_queries_and_calls_are_ordered_by_their_time(file: sqlite3.Connection, name: str) -> None:
    """What takes the most time together is first, however short each is; values do not count."""
    spans = (
        *(step("db.query", f"SELECT often WHERE id = {number}", 10.0) for number in range(9)),
        step("db", "once", 50.0, status="internal_error"),
        step("http.client", "GET /", 5.0),
        step("dc", "no", 99.0),
    )
    run(file, 1, spans=spans)
    often, once = groups.database_queries(file, RANGES[name], NOW)
    assert (often.name, often.count, often.total) == ("SELECT often WHERE id = ?", 9, 90)
    assert (once.name, once.failures, once.p50) == ("once", 1, 50)
    assert [group.name for group in groups.calls(file, RANGES[name], NOW)] == ["GET /"]


def test_errors_are_counted_in_buckets(file: sqlite3.Connection) -> None:
    """Each error is in one bar, empty bars are there, warnings are not."""
    span = RANGES["1h"]
    for age in (1, 2, 1000, 3599, 4000):
        err(file, age=age, user=f"{age % 2}")
    err(file, age=5, level="warning")
    err(file, age=5, level="fatal")
    series = figures.errors_over_time(file, span, NOW)
    assert len(series) == 31
    assert series[-1][1] == 0  # the bucket that begins now
    assert series[-2][1] == 3
    assert sum(count for _, count in series) == figures.figures(file, span, NOW).errors == 5
    assert figures.figures(file, span, NOW).users == 2


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("shift", [0.0, 0.001, 17.3, 1799.999])
def test_bars_cover_their_range(file: sqlite3.Connection, name: str, shift: float) -> None:
    """What is counted in figures is in a bar, at any moment and to both ends of any range."""
    span, now = RANGES[name], NOW + shift
    for age in (0.0, span.seconds / 2, span.seconds - 0.01):
        err(file, age=age - shift, user=f"{age}", command="ban")
        run(file, 5, age=age - shift, user=f"{age}")
    assert sum(count for _, count in figures.errors_over_time(file, span, now)) == 3
    assert figures.errors_by_command(file, span, now) == [("ban", 3)]
    points = figures.durations_over_time(file, span, now)
    assert sum(point.count for point in points if point) == 3
    assert len(points) == len(span.starts(now))
    found = figures.figures(file, span, now)
    assert (found.errors, found.runs, found.users) == (3, 3, 3)
    (group,) = groups.commands(file, span, now)
    assert (group.count, group.users) == (3, 3)


@pytest.mark.parametrize("name", ["1h", "24h", "7d", "30d"])
def test_durations_are_measured_in_buckets(file: sqlite3.Connection, name: str) -> None:
    """A bar has percentiles of its own runs; one without runs has none."""
    span = RANGES[name]
    age = span.seconds / 2
    for duration, status in ((1, "ok"), (2, "ok"), (30, "internal_error")):
        run(file, duration, age=age, status=status)
    run(file, 9, age=age, name="task", op="task")
    (point,) = [point for point in figures.durations_over_time(file, span, NOW) if point]
    assert (point.count, point.failures, point.p50, point.p95) == (3, 1, 2, 30)
    assert point.start <= NOW - age < point.start + span.bucket
    named = [point for point in figures.durations_over_time(file, span, NOW, "task") if point]
    assert [point.p50 for point in named] == [9]


@pytest.mark.parametrize("name", ["15m", "24h"])
def test_errors_by_command(file: sqlite3.Connection, name: str) -> None:
    """Commands that fail most are first; errors outside of commands are left out."""
    for command in ("ban", "kick", "kick", ""):
        err(file, age=5, command=command)
    err(file, age=5, command="ban", level="warning")
    err(file, age=5, command="ban", level="info")
    assert figures.errors_by_command(file, RANGES[name], NOW) == [("kick", 2), ("ban", 1)]


@pytest.mark.parametrize("name", ["15m", "24h", "30d"])
def test_releases_and_losses(file: sqlite3.Connection, name: str) -> None:
    """A release is as healthy as its sessions; what was lost is summed up."""
    ended = SessionRow("a", NOW - 9, NOW, "r", "", 7, 1, 1, 1, is_aggregate=True)
    keep(file, ended, SessionRow("b", NOW - 5, NOW, "r", ""))
    (release,) = health.releases(file, RANGES[name], NOW)
    assert (release.sessions, release.errored, release.crashed, release.started) == (
        11,
        1,
        2,
        NOW - 5,
    )
    assert release.crash_free == pytest.approx(9 / 11)
    for age, quantity in ((0, 3), (3600, 4), (99 * 3600, 5)):
        keep(file, DiscardRow(NOW - age, "client", "error", "ratelimit_backoff", quantity))
    assert [loss.quantity for loss in health.losses(file, NOW - 3600)] == [7]


@pytest.mark.parametrize("name", ["15m", "24h"])
def test_a_session_counts_once(file: sqlite3.Connection, name: str) -> None:
    """Each update of a session takes the place of what was counted of it."""
    for update in range(3):
        row = SessionRow("a", NOW - 9, NOW + update, "r", "", errored=int(update == 1))
        keep(file, replace(row, crashed=int(update == 2)))
    keep(file, SessionRow("a", NOW - 9, NOW, "r", "", errored=1))  # late
    (release,) = health.releases(file, RANGES[name], NOW)
    assert (release.sessions, release.errored, release.crashed) == (1, 0, 1)


@pytest.mark.parametrize(
    ("name", "found"), [("7d", "7d"), (None, "24h"), ("", "24h"), ("x", "24h")]
)
def test_ranges_have_names(name: str | None, found: str) -> None:
    """An unknown range is the usual one."""
    assert range_of(name).name == found
