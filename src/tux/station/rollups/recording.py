"""Tallies → the tables of roll-ups. What many rows of a commit add to one is written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from tux.station.rollups.histogram import LONGEST, bucket_of
from tux.station.rollups.periods import (
    BLOCKS,
    DAY,
    DAYS,
    HALF_HOUR,
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

    from tux.station.rollups.names import Names
    from tux.station.rollups.tally import Added, Ended, Hit, Run, Tally

Key = TypeVar("Key")
HALVES: Final = DAY // HALF_HOUR
_RUN_TIERS: Final = ((MINUTES, MINUTE), (DAYS, DAY))
"""Runs are charted from their durations."""
_EVENT_TIERS: Final = (*TIERS, (MINUTES, MINUTE))
_DURATIONS: Final = """
INSERT INTO durations (tier, series_id, block, bucket, period, runs, failed, total)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tier, series_id, block, bucket, period) DO UPDATE SET
    runs = runs + excluded.runs, failed = failed + excluded.failed, total = total + excluded.total
"""
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
_SUMS: Final = """
INSERT INTO sums (tier, series_id, period, runs, failed, total) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tier, series_id, period) DO UPDATE SET
    runs = runs + excluded.runs, failed = failed + excluded.failed, total = total + excluded.total
"""
_USER_HITS: Final = """
INSERT INTO user_hits (tier, period, user_id, events) VALUES (?, ?, ?, ?)
ON CONFLICT (tier, period, user_id) DO UPDATE SET events = events + excluded.events
"""

_LATE: Final = {
    DAYS: "UPDATE late SET times = times + 1",
    HALF_HOURS: "UPDATE late_halves SET times = times + 1",
}


def record(
    connection: sqlite3.Connection, tallies: Sequence[Tally], names: Names, now: float
) -> None:
    """Write what tallies add; belongs into the transaction of the rows that they are about."""
    number = partial(names.number, connection)
    if runs := _durations((run for tally in tallies for run in tally.runs), number):
        connection.executemany(_DURATIONS, [(*key, *sums) for key, sums in runs.items()])
        _tell_late(connection, ((tier, period) for tier, _, _, _, period in runs), now)
    if counts := _counts((one for tally in tallies for one in tally.counts), number):
        connection.executemany(_COUNTS, [(*key, count) for key, count in counts.items()])
    users = [(number(series), *rest) for tally in tallies for series, *rest in tally.users]
    if users:
        connection.executemany(_USERS, users)
    if hits := [hit for tally in tallies for hit in tally.hits]:
        _record_hits(connection, hits, [one for tally in tallies for one in tally.affected])
    if tags := Counter(tag for tally in tallies for tag in tally.tags):
        _record_tags(connection, [(*tag, count) for tag, count in tags.items()])
    _record_sums(connection, tallies, number, now)
    for tally in tallies:
        for ended in tally.sessions:
            connection.executemany(_SESSIONS, _session_rows(ended, number))


def _tell_late(
    connection: sqlite3.Connection, periods: Iterable[tuple[int, int]], now: float
) -> None:
    """Tell readers where something was added to a time that is over: they remember it."""
    over = {DAYS: int(now // DAY), HALF_HOURS: int(now // HALF_HOUR)}
    for tier in {tier for tier, period in periods if period < over[tier]}:
        connection.execute(_LATE[tier])


def _record_sums(
    connection: sqlite3.Connection,
    tallies: Sequence[Tally],
    number: Callable[[Series], int],
    now: float,
) -> None:
    if sums := _sums((one for tally in tallies for one in tally.sums), number):
        connection.executemany(_SUMS, [(*key, *added) for key, added in sums.items()])
    if met := [hit for tally in tallies for hit in tally.user_hits]:
        hits = list(_user_hits(met))
        connection.executemany(_USER_HITS, hits)
        _tell_late(connection, ((tier, period) for tier, period, _, _ in hits), now)


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


def _durations(
    runs: Iterable[Run], number: Callable[[Series], int]
) -> dict[tuple[int, int, int, int, int], list[float]]:
    halves: dict[tuple[int, int, int], list[float]] = {}
    for series, start, duration, is_failed in runs:
        key = number(series), bucket_of(duration), int(start // HALF_HOUR)
        sums = halves.get(key)
        if sums is None:
            sums = halves[key] = [0, 0, 0.0]
        sums[0] += 1
        sums[1] += is_failed
        sums[2] += min(LONGEST, duration)
    found: dict[tuple[int, int, int, int, int], list[float]] = {}
    for (own, bucket, half), sums in halves.items():
        found[HALF_HOURS, own, half // BLOCKS[HALF_HOURS], bucket, half] = sums
        day = half // HALVES
        _add(found, (DAYS, own, day // BLOCKS[DAYS], bucket, day), sums)
    return found


def _add(found: dict[Key, list[float]], key: Key, more: Sequence[float]) -> None:
    sums = found.setdefault(key, [0, 0, 0.0])
    for place, value in enumerate(more):
        sums[place] += value


def _counts(
    counted: Iterable[tuple[Series, float]], number: Callable[[Series], int]
) -> dict[tuple[int, int, int], int]:
    found: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for series, moment in counted:
        own = number(series)
        for tier, length in _EVENT_TIERS if series.kind == EVENT else _RUN_TIERS:
            found[tier, own, int(moment // length)] += 1
    return found


def _sums(
    added: Iterable[Added], number: Callable[[Series], int]
) -> dict[tuple[int, int, int], list[float]]:
    halves: dict[tuple[int, int], list[float]] = {}
    for series, moment, runs, failed, total in added:
        key = number(series), int(moment // HALF_HOUR)
        sums = halves.get(key)
        if sums is None:
            sums = halves[key] = [0, 0, 0.0]
        sums[0] += runs
        sums[1] += failed
        sums[2] += min(LONGEST, total)
    found: dict[tuple[int, int, int], list[float]] = {}
    for (own, half), sums in halves.items():
        found[HALF_HOURS, own, half] = sums
        _add(found, (DAYS, own, half // HALVES), sums)
    return found


def _user_hits(hits: Iterable[tuple[str, float]]) -> Iterator[tuple[int, int, str, int]]:
    found: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    for user, moment in hits:
        for tier, length in TIERS:
            found[tier, int(moment // length), user] += 1
    return ((*key, count) for key, count in found.items())


def _session_rows(
    ended: Ended, number: Callable[[Series], int]
) -> Iterator[tuple[int | float, ...]]:
    own = number(Series(SESSION, release=ended.release))
    for tier, length in TIERS:
        period = int(ended.started // length)
        yield tier, own, period, ended.sessions, ended.errored, ended.crashed, ended.started
