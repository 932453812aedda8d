"""Tallies → the tables of roll-ups. What many rows of a commit add to one is written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final

from tux.station.rollups.cascade import DURATIONS, NEVER, SUMS, USER_HITS, fold
from tux.station.rollups.histogram import LONGEST, bucket_of
from tux.station.rollups.periods import (
    DAY,
    DAYS,
    HALF_HOURS,
    HOUR,
    MINUTE,
    MINUTES,
    TIERS,
)
from tux.station.rollups.tally import EVENT, SESSION, Series

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tux.station.rollups.cascade import Cut, Part
    from tux.station.rollups.names import Names
    from tux.station.rollups.tally import Added, Ended, Hit, Run, Tally

_RUN_TIERS: Final = ((MINUTES, MINUTE), (DAYS, DAY))
"""Runs are charted from their durations."""
_ALL_TIERS: Final = (*TIERS, (MINUTES, MINUTE))
_COUNTS: Final = """
INSERT INTO counts (tier, series_id, period, count) VALUES (?, ?, ?, ?)
ON CONFLICT (tier, series_id, period) DO UPDATE SET count = count + excluded.count
"""
_USERS: Final = """
INSERT INTO series_users (series_id, user_id, latest) VALUES (?, ?, ?)
ON CONFLICT (series_id, user_id) DO UPDATE SET latest = excluded.latest
WHERE excluded.latest > latest
"""
_AFFECTED: Final = """
INSERT INTO affected (user_id, latest) VALUES (?, ?)
ON CONFLICT (user_id) DO UPDATE SET latest = excluded.latest WHERE excluded.latest > latest
"""
_ISSUE_HOURS: Final = """
INSERT INTO issue_hours (issue_id, hour, events) VALUES (?, ?, ?)
ON CONFLICT (issue_id, hour) DO UPDATE SET events = events + excluded.events
"""
_ISSUE_USERS: Final = """
INSERT INTO issue_users (issue_id, user_id, first, latest) VALUES (?1, ?2, ?3, ?3)
ON CONFLICT (issue_id, user_id) DO UPDATE SET
    first = min(first, excluded.first), latest = max(latest, excluded.latest)
"""
COMMIT_SECONDS: Final = 10.0
"""A commit may take so long: whoever reads meanwhile may take for over what it adds to."""
TAG_VALUES: Final = 2000
"""Different tags of one issue that are counted; a client may make up as many as it likes."""
# Most tags of an event are known: an update alone costs half of an upsert with its limit.
_KNOWN_TAG: Final = """
UPDATE issue_tags SET events = events + ?4 WHERE issue_id = ?1 AND key = ?2 AND value = ?3
"""
_NEW_TAG: Final = f"""
INSERT INTO issue_tags (issue_id, key, value, events)
SELECT ?1, ?2, ?3, ?4 WHERE (SELECT tag_values FROM issues WHERE id = ?1) < {TAG_VALUES}
    AND NOT EXISTS (SELECT 1 FROM issue_tags WHERE issue_id = ?1 AND key = ?2 AND value = ?3)
"""  # noqa: S608  # a constant
_SESSIONS: Final = """
INSERT INTO session_counts (tier, series_id, period, sessions, errored, crashed, latest)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tier, series_id, period) DO UPDATE SET
    sessions = sessions + excluded.sessions, errored = errored + excluded.errored,
    crashed = crashed + excluded.crashed, latest = max(latest, excluded.latest)
"""
_LATE: Final = {
    DAYS: "UPDATE late SET times = times + 1",
    HALF_HOURS: "UPDATE late_halves SET times = times + 1",
}


def record(
    connection: sqlite3.Connection,
    tallies: Sequence[Tally],
    names: Names,
    now: float,
    cut: Cut | None = None,
) -> None:
    """Write what tallies add; belongs into the transaction of the rows that they are about.

    Args:
        connection: the writer's.
        tallies: of one commit.
        names: numbers of series.
        now: in Unix seconds.
        cut: where minutes are written; by default some go on to be half hours, and that decides.
    """
    record_sums(connection, tallies, names, now, cut or fold(connection, now))
    number = partial(names.number, connection)
    if counts := _counts((one for tally in tallies for one in tally.counts), number):
        connection.executemany(_COUNTS, [(*key, count) for key, count in counts.items()])
    users = [(number(series), *rest) for tally in tallies for series, *rest in tally.users]
    if users:
        connection.executemany(_USERS, users)
    if hits := [hit for tally in tallies for hit in tally.hits]:
        _record_hits(connection, hits, [one for tally in tallies for one in tally.affected])
    if tags := Counter(tag for tally in tallies for tag in tally.tags):
        _record_tags(connection, [(*tag, count) for tag, count in tags.items()])
    for tally in tallies:
        for ended in tally.sessions:
            connection.executemany(_SESSIONS, _session_rows(ended, number))


def record_sums(
    connection: sqlite3.Connection, tallies: Sequence[Tally], names: Names, now: float, cut: Cut
) -> None:
    """Write only what is added up by the minute, where a cut says."""
    number = partial(names.number, connection)
    oldest = NEVER
    for kind, found in (
        (DURATIONS, _durations((run for tally in tallies for run in tally.runs), number)),
        (SUMS, _sums((one for tally in tallies for one in tally.sums), number)),
        (USER_HITS, _user_hits(hit for tally in tallies for hit in tally.user_hits)),
    ):
        if found:
            kind.write(connection, found, cut)
            if kind is not SUMS:  # nobody remembers those
                oldest = min(oldest, *(part[0] for part in found))
    for tier, length in TIERS:
        if oldest * MINUTE // length < (now + COMMIT_SECONDS) // length:
            connection.execute(_LATE[tier])


def _record_hits(
    connection: sqlite3.Connection, hits: Sequence[Hit], affected: Sequence[tuple[str, float]]
) -> None:
    hours: defaultdict[tuple[int, int], int] = defaultdict(int)
    for issue, _, moment in hits:
        hours[issue, int(moment // HOUR)] += 1
    connection.executemany(_ISSUE_HOURS, ((*key, count) for key, count in hours.items()))
    connection.executemany(_ISSUE_USERS, (hit for hit in hits if hit[1] is not None))
    connection.executemany(_AFFECTED, affected)


def _record_tags(connection: sqlite3.Connection, tags: Sequence[tuple[int, str, str, int]]) -> None:
    """Count the tags of issues; which are new is asked only where some are."""
    if connection.executemany(_KNOWN_TAG, tags).rowcount < len(tags):
        connection.executemany(_NEW_TAG, tags)


def _durations(runs: Iterable[Run], number: Callable[[Series], int]) -> dict[Part, list[float]]:
    found: dict[Part, list[float]] = {}
    for series, start, duration, is_failed in runs:
        part = int(start // MINUTE), number(series), bucket_of(duration)
        sums = found.get(part)
        if sums is None:
            sums = found[part] = [0, 0, 0.0]
        sums[0] += 1
        sums[1] += is_failed
        sums[2] += min(LONGEST, duration)
    return found


def _counts(
    counted: Iterable[tuple[Series, float]], number: Callable[[Series], int]
) -> dict[tuple[int, int, int], int]:
    found: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for series, moment in counted:
        own = number(series)
        for tier, length in _ALL_TIERS if series.kind == EVENT else _RUN_TIERS:
            found[tier, own, int(moment // length)] += 1
    return found


def _sums(added: Iterable[Added], number: Callable[[Series], int]) -> dict[Part, list[float]]:
    found: dict[Part, list[float]] = {}
    for series, moment, runs, failed, total in added:
        part = int(moment // MINUTE), number(series)
        sums = found.get(part)
        if sums is None:
            sums = found[part] = [0, 0, 0.0]
        sums[0] += runs
        sums[1] += failed
        sums[2] += min(LONGEST, total)
    return found


def _user_hits(hits: Iterable[tuple[str, float]]) -> dict[Part, list[float]]:
    counted = Counter((int(moment // MINUTE), user) for user, moment in hits)
    return {part: [count] for part, count in counted.items()}


def _session_rows(
    ended: Ended, number: Callable[[Series], int]
) -> Iterator[tuple[int | float, ...]]:
    own = number(Series(SESSION, release=ended.release))
    for tier, length in _ALL_TIERS:
        period = int(ended.started // length)
        yield tier, own, period, ended.sessions, ended.errored, ended.crashed, ended.started
