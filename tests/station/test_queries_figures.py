"""Figures, percentiles and series, asked of a file in memory."""

from __future__ import annotations

import math
import random
import sqlite3
from contextlib import closing
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tux.station.queries import health as queries_health
from tux.station.queries import performance as queries
from tux.station.queries.ranges import RANGES, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000.0


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    """The station's tables, empty."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript(files("tux.station.store").joinpath("schema.sql").read_text())
        yield connection


def run(
    file: sqlite3.Connection,
    duration: float,
    *,
    name: str = "ban",
    op: str = "command",
    status: str = "ok",
    user: str | None = None,
    age: float = 10.0,
) -> None:
    """Keep one transaction."""
    file.execute(
        "INSERT INTO transactions (project_id, event_id, received, start, duration, name, op, status, "
        "trace_id, span_id, user_id, payload) VALUES (1, hex(randomblob(16)), 0, ?, ?, ?, ?, ?, '', '', ?, x'')",
        (NOW - age, duration, name, op, status, user),
    )


def err(
    file: sqlite3.Connection,
    *,
    age: float,
    level: str = "error",
    user: str | None = None,
    command: str = "",
) -> None:
    """Keep one event."""
    file.execute(
        "INSERT OR IGNORE INTO issues (id, project_id, grouping, title, culprit, level, first_seen, "
        "last_seen, times_seen) VALUES (1, 1, '', '', '', '', 0, 0, 0)"
    )
    row = file.execute(
        "INSERT INTO events (project_id, event_id, issue_id, received, timestamp, level, title, user_id, "
        "payload) VALUES (1, hex(randomblob(16)), 1, 0, ?, ?, '', ?, x'')",
        (NOW - age, level, user),
    )
    if command:
        file.execute("INSERT INTO event_tags VALUES (?, 'command', ?)", (row.lastrowid, command))


@pytest.mark.parametrize("count", [1, 2, 3, 19, 20, 21, 99, 100, 101, 250])
def test_percentiles_are_exact(file: sqlite3.Connection, count: int) -> None:
    """The nearest rank is found in SQL as it is in Python."""
    durations = [random.Random(count).uniform(1, 1000) for _ in range(count)]
    for duration in durations:
        run(file, duration)
    (group,) = queries.commands(file, NOW - 60)
    ordered = sorted(durations)
    expected = [ordered[math.ceil(count * share) - 1] for share in (0.50, 0.95, 0.99)]
    assert [group.p50, group.p95, group.p99] == expected
    figures = queries.figures(file, RANGES["15m"], NOW)
    assert [figures.p50, figures.p95] == expected[:2]
    assert [queries.percentile(ordered, percent) for percent in (50, 95, 99)] == expected


def test_nothing_has_no_percentile(file: sqlite3.Connection) -> None:
    """Of nothing there is no figure, and no division by it."""
    figures = queries.figures(file, RANGES["1h"], NOW)
    assert (figures.p50, figures.p95, figures.failure_rate, figures.errors_per_minute) == (
        None,
        None,
        None,
        0,
    )
    assert queries.commands(file, 0) == []


@pytest.mark.parametrize(
    ("status", "failures"),
    [
        *((status, 1) for status in queries.FAILED),
        *(
            (status, 0)
            for status in ("ok", "unknown", "invalid_argument", "permission_denied", "cancelled")
        ),
    ],
)
def test_a_members_mistake_is_no_failure(
    file: sqlite3.Connection, status: str, failures: int
) -> None:
    """Only statuses that mean that the bot is at fault count."""
    run(file, 1, status=status)
    assert queries.commands(file, 0)[0].failures == failures
    assert queries.figures(file, RANGES["1h"], NOW).failures == failures


def test_commands_are_told_from_other_work(file: sqlite3.Connection) -> None:
    """An op that is or begins with command is a command."""
    for op in ("command", "command.slash", "commander", "event", "task"):
        run(file, 1, name=op, op=op)
    assert {group.name for group in queries.commands(file, 0)} == {
        "command",
        "command.slash",
        "commander",
    }
    assert len(queries.transactions(file, 0)) == 5
    assert [group.name for group in queries.transactions(file, 0, name="task")] == ["task"]


def test_groups_are_counted(file: sqlite3.Connection) -> None:
    """The most used is first; users count once; what is older is left out."""
    for user in ("a", "a", "b", None):
        run(file, 10, name="warn", user=user)
    run(file, 10, name="ban")
    run(file, 10, name="ban", age=9999)
    warn, ban = queries.commands(file, NOW - 60)
    assert (warn.name, warn.count, warn.users, warn.total) == ("warn", 4, 2, 40)
    assert (ban.name, ban.count) == ("ban", 1)


def test_queries_and_calls_are_ordered_by_their_time(file: sqlite3.Connection) -> None:
    """What takes the most time together is first, however short each is."""
    run(file, 1)
    for op, description, duration in [
        *[("db.query", "often", 10.0)] * 9,
        ("db", "once", 50.0),
        ("http.client", "GET /", 5.0),
        ("dc", "no", 99.0),
    ]:
        file.execute(
            "INSERT INTO spans (txn, trace_id, span_id, op, description, status, start, duration) "
            "VALUES (1, '', '', ?, ?, 'ok', ?, ?)",
            (op, description, NOW - 5, duration),
        )
    assert [group.name for group in queries.database_queries(file, NOW - 60)] == ["often", "once"]
    assert [group.name for group in queries.calls(file, NOW - 60)] == ["GET /"]


def test_errors_are_counted_in_buckets(file: sqlite3.Connection) -> None:
    """Each error is in one bar, empty bars are there, warnings are not."""
    span = RANGES["1h"]
    for age in (1, 2, 1000, 3599, 4000):
        err(file, age=age, user=f"{age % 2}")
    err(file, age=5, level="warning")
    err(file, age=5, level="fatal")
    series = queries.errors_over_time(file, span, NOW)
    assert len(series) == 31
    assert series[-1][1] == 0  # the bucket that begins now
    assert series[-2][1] == 3
    assert sum(count for _, count in series) == queries.figures(file, span, NOW).errors == 5
    assert queries.figures(file, span, NOW).users == 2


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("shift", [0.0, 0.001, 17.3, 1799.999])
def test_bars_cover_their_range(file: sqlite3.Connection, name: str, shift: float) -> None:
    """What is counted in figures is in a bar, at any moment and to both ends of any range."""
    span, now = RANGES[name], NOW + shift
    for age in (0.0, span.seconds / 2, span.seconds - 0.01):
        err(file, age=age - shift)
        run(file, 5, age=age - shift)
    assert sum(count for _, count in queries.errors_over_time(file, span, now)) == 3
    points = queries.durations_over_time(file, span, now)
    assert sum(point.count for point in points if point) == 3
    assert len(points) == len(span.starts(now))


def test_durations_are_measured_in_buckets(file: sqlite3.Connection) -> None:
    """A bar has percentiles of its own runs; one without runs has none."""
    for duration, status in ((1, "ok"), (2, "ok"), (30, "internal_error")):
        run(file, duration, age=130, status=status)
    run(file, 9, age=130, name="task", op="task")
    points = queries.durations_over_time(file, RANGES["1h"], NOW)
    (point,) = [point for point in points if point]
    assert (point.count, point.failures, point.p50, point.p95) == (3, 1, 2, 30)
    named = [
        point for point in queries.durations_over_time(file, RANGES["1h"], NOW, "task") if point
    ]
    assert [point.p50 for point in named] == [9]


def test_errors_by_command(file: sqlite3.Connection) -> None:
    """Commands that fail most are first; errors outside of commands are left out."""
    for command in ("ban", "kick", "kick", ""):
        err(file, age=5, command=command)
    assert queries.errors_by_command(file, NOW - 60) == [("kick", 2), ("ban", 1)]


def test_releases_and_losses(file: sqlite3.Connection) -> None:
    """A release is as healthy as its sessions; what was lost is summed up."""
    file.executemany(
        "INSERT INTO sessions VALUES (1, ?, ?, 0, 'r', '', ?, ?, ?, ?)",
        [("a", NOW - 9, 7, 1, 1, 1), ("b", NOW - 5, 0, 0, 0, 0)],
    )
    (release,) = queries_health.releases(file, NOW - 60)
    assert (release.sessions, release.errored, release.crashed, release.started) == (
        11,
        1,
        2,
        NOW - 5,
    )
    assert release.crash_free == pytest.approx(9 / 11)
    hour = int(NOW // 3600)
    file.executemany(
        "INSERT INTO discards VALUES (1, ?, 'client', 'error', 'ratelimit_backoff', ?)",
        [(hour, 3), (hour - 1, 4), (hour - 99, 5)],
    )
    assert [loss.quantity for loss in queries_health.losses(file, NOW - 3600)] == [7]


@pytest.mark.parametrize(
    ("name", "found"), [("7d", "7d"), (None, "24h"), ("", "24h"), ("x", "24h")]
)
def test_ranges_have_names(name: str | None, found: str) -> None:
    """An unknown range is the usual one."""
    assert range_of(name).name == found
