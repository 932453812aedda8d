"""Which runs, issues and lines are listed, and in which order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.station.test_store_writes import NOW, event, transaction

from tux.station.queries import issues, traces
from tux.station.queries.logs import LINES, AskingLogs, logs, older
from tux.station.queries.monitors import monitors_of
from tux.station.queries.search import LETTERS, plain, trigrams
from tux.station.rollups.names import Names
from tux.station.rollups.periods import DAY
from tux.station.rollups.recording import record
from tux.station.store.schema import prepare
from tux.station.store.writing import save
from tux.station.wire.rows import Batch, CheckInRow, LogRow, Row

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def runs(file: sqlite3.Connection) -> None:
    """Keep 300 runs of three days, of two names; every fiftieth fails."""
    keep(
        file,
        *(
            transaction(
                number,
                start=NOW - number * DAY / 100 + 1,
                duration=float(number * 37 % 300),
                name=("ban", "kick")[number % 2],
                status="ok" if number % 50 else "internal_error",
            )
            for number in range(300)
        ),
    )


@pytest.mark.parametrize("name", [None, "ban"])
@pytest.mark.parametrize("days", [1, 2, 30])
@pytest.mark.parametrize("order", traces.ORDERS)
def test_runs_are_in_the_order_that_was_asked_for(
    file: sqlite3.Connection, order: str, days: int, name: str | None
) -> None:
    """What indexes give bit by bit is what sorting everything would give."""
    runs(file)
    since = NOW - days * DAY
    found = traces.listed(file, since=since, now=NOW, name=name, order=order)
    key = {
        "newest": "start DESC",
        "slowest": "duration DESC",
        "failed": "status = 'internal_error' DESC, start DESC",
    }[order]
    expected = file.execute(
        f"SELECT event_id FROM transactions WHERE start >= ? AND (? IS NULL OR name = ?) "
        f"ORDER BY {key} LIMIT 100",
        (since, name, name),
    ).fetchall()
    assert [row["event_id"] for row in found] == [row[0] for row in expected]


@pytest.mark.parametrize("query", ["", "shard", "sh", "x", "%_\"'", "shard\x00lost", "ä" * 500])
@pytest.mark.parametrize("level", ["", "error"])
def test_lines_are_found_by_any_part_of_them(
    file: sqlite3.Connection, query: str, level: str
) -> None:
    """Where an index looks, what is found is what comparing everything would find."""
    bodies = ["Shard 1 lost", "shard 2 ready", "push it", "100%_\"'", "x", "Ähnlich", "shard lost"]
    keep(
        file,
        *(
            LogRow(NOW - number, ("error", "info")[number % 2], body, None, "{}")
            for number, body in enumerate(bodies * 3)
        ),
    )
    found = logs(file, AskingLogs(level, query))
    expected = file.execute(
        "SELECT body FROM logs WHERE (?1 = '' OR level = ?1) AND instr(lower(body), ?2) > 0 "
        "ORDER BY timestamp DESC",
        (level, plain(query)),
    ).fetchall()
    assert [log.body for log in found] == [row[0] for row in expected]


@pytest.mark.parametrize("query", ["", "line", "li"])
@pytest.mark.parametrize("level", ["", "info"])
def test_every_line_is_on_one_page(file: sqlite3.Connection, level: str, query: str) -> None:
    """Page for page, also where many lines are of one moment and others came late."""
    moments = [NOW - number % 7 for number in range(2 * LINES + 50)]
    keep(file, *(LogRow(at, "info", f"line {n}", None, "{}") for n, at in enumerate(moments)))
    seen, after = list[int](), ""
    for size in (LINES, LINES, 50):
        asking = AskingLogs(level, query, after=after)
        found = logs(file, asking)
        assert len(found) == size
        assert [log.timestamp for log in found] == sorted(log.timestamp for log in found)[::-1]
        seen += [log.id for log in found]
        after = older(found, asking)
    assert after == ""
    assert len(set(seen)) == len(moments)
    assert {log.timestamp for log in logs(file, AskingLogs(level, query, NOW - 2, NOW))} == {
        NOW - 1,
        NOW - 2,
    }


def test_issues_are_found_by_all_words(file: sqlite3.Connection) -> None:
    """Words may be short, in any order, in title and in place, and of an older title no more."""
    keep(file, event(1, title="KeyError: 'xp'", culprit="levels in rank", grouping="v1:a"))
    keep(file, event(2, title="OSError: reset", culprit="music in play", grouping="v1:b"))
    keep(file, event(3, title="OSError: refused", culprit="music in play", grouping="v1:b"))

    def search(query: str) -> list[str]:
        found = issues.issues(file, issues.Asking(query, issues.ALL), NOW)
        return sorted(issue.title for issue in found.issues)

    both = ["KeyError: 'xp'", "OSError: refused"]
    assert search("xp") == search("rank keyerror") == search("LEV xp") == both[:1]
    assert search("in") == search("error in") == search("or: in") == both
    assert search("reset") == search("error zzz") == search('"*z"') == []


def test_an_issue_has_its_users_and_hours(file: sqlite3.Connection) -> None:
    """Users count once, events by the hour of the last 24; the list and the page agree."""
    for number, (age, user) in enumerate([(0, "a"), (1, "a"), (1, "b"), (23, None), (24, "c")]):
        keep(file, event(number, timestamp=NOW - age * 3600, user_id=user))
    (listed,) = issues.issues(file, issues.Asking(state=issues.ALL), NOW).issues
    assert listed == issues.issue(file, listed.id, NOW)
    assert (listed.users, listed.times_seen) == (3, 5)
    assert listed.spark == (1, *(0,) * 21, 2, 1)


def test_monitors_are_listed_once(file: sqlite3.Connection) -> None:
    """Each slug is there with its runs, however many there are."""
    for number in range(90):
        slug = f"job-{number % 3}"
        keep(file, CheckInRow(f"{number:032x}", slug, "ok", NOW - number, 1.0, None))
    found = monitors_of(file, NOW)
    assert [(one.slug, len(one.runs)) for one in found] == [(f"job-{n}", 30) for n in range(3)]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", None),
        ("ab", None),
        ("abc", '"abc"'),
        ("abcd", '"abc" AND "bcd"'),
        ('a"b', '"a""b"'),
        ("aaaaa", '"aaa"'),
    ],
)
def test_texts_are_asked_for_by_their_trigrams(text: str, query: str | None) -> None:
    """Each three letters once; fewer than that no index knows."""
    assert trigrams(text) == query
    assert len(text) >= LETTERS or query is None
