"""The tables of the file, and how those of an older version become them."""

from __future__ import annotations

import secrets
import sqlite3
from importlib.resources import files
from typing import Final

from tux.station.rollups.cascade import due_at, kept_from
from tux.station.rollups.periods import MINUTE
from tux.station.store.projects import add_first_keys
from tux.station.wire.fields import FUTURE_SECONDS

VERSION: Final = 5
"""Of the file, as its ``user_version``: 0 is a new one, 1 has no roll-ups,
2 no sums, envelopes, keys and logins, 3 no outcome of measured runs of commands, 4 no minutes."""
_TABLES: Final = (
    ("tux.station.store", "schema.sql"),
    ("tux.station.rollups", "rollups.sql"),
    ("tux.station.rollups", "sums.sql"),
    ("tux.station.store", "envelopes.sql"),
    ("tux.station.store", "inbox.sql"),
    ("tux.station.store", "access.sql"),
    ("tux.station.store", "metrics.sql"),
    ("tux.station.store", "alerts.sql"),
    ("tux.station.store", "issues.sql"),
)
_GONE: Final = ("events_time", "transactions_name", "spans_time")
"""Indexes of version 1 that have others in their place."""

# What is few is counted here and now; the rest is a backlog, see backlog.py.
_FROM_1: Final = """
ALTER TABLE issues ADD COLUMN users INTEGER NOT NULL DEFAULT 0;
"""
_FROM_2: Final = """
DROP INDEX IF EXISTS transactions_failed;
DROP INDEX IF EXISTS transactions_name_failed;
ALTER TABLE feedback ADD COLUMN user_id TEXT;
ALTER TABLE issues ADD COLUMN first_release TEXT;
ALTER TABLE issues ADD COLUMN last_release TEXT;
ALTER TABLE issues ADD COLUMN resolved_in TEXT;
ALTER TABLE issues ADD COLUMN ignored_until REAL;
ALTER TABLE issues ADD COLUMN ignored_count INTEGER;
ALTER TABLE issues ADD COLUMN regressed REAL;
ALTER TABLE issues ADD COLUMN merged_into INTEGER REFERENCES issues (id) ON DELETE CASCADE;
ALTER TABLE issues ADD COLUMN tag_values INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN hash_id INTEGER;
"""
# What was measured before does not say how it ended, so that it is not counted: transactions do.
_FROM_3: Final = """
ALTER TABLE command_runs ADD COLUMN status TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE command_runs ADD COLUMN error TEXT;
DROP INDEX IF EXISTS command_runs_time;
DELETE FROM command_runs WHERE trace_id IS NOT NULL AND id NOT IN (
    SELECT min(id) FROM command_runs GROUP BY timestamp, trace_id, command
);
"""
_IS_ANOTHERS: Final = """
SELECT count(*) > 0 AND sum(name IN ('issues', 'transactions')) < 2
FROM sqlite_master WHERE type = 'table'
"""
"""Each of our files has both, of whatever version."""
_HAS_RUNS: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'command_runs'"
_COUNT_FROM_2: Final = """
INSERT INTO issue_hashes
    (project_id, grouping, issue_id, made_by, title, first_seen, last_seen, events)
SELECT project_id, grouping, id, '', title, first_seen, last_seen, times_seen FROM issues;
UPDATE issues SET first_release = (
    SELECT release FROM events WHERE issue_id = issues.id ORDER BY timestamp LIMIT 1
), last_release = (
    SELECT release FROM events WHERE issue_id = issues.id ORDER BY timestamp DESC LIMIT 1
);
INSERT INTO releases_seen (project_id, name, first_seen)
SELECT 1, release, min(period) * 86400.0 FROM series JOIN counts ON series_id = series.id
WHERE tier = 1 AND release <> '' GROUP BY release;
INSERT INTO backlog (part, next, total)
SELECT 'issue tags', last, last FROM (SELECT max(id) AS last FROM events) WHERE last IS NOT NULL;
"""
_COUNT_FROM_1: Final = """
INSERT INTO backlog (part, next, total)
SELECT part, last, last FROM (
    SELECT 'transactions' AS part, max(id) AS last FROM transactions
    UNION ALL SELECT 'spans', max(id) FROM spans WHERE segment_id IS NOT NULL
    UNION ALL SELECT 'events', max(id) FROM events
    UNION ALL SELECT 'logs', max(id) FROM logs
) WHERE last IS NOT NULL;
INSERT INTO issues_text (rowid, line) SELECT id, title || ' ' || culprit FROM issues;
INSERT INTO series (kind, name, op, state, release)
SELECT DISTINCT 'session', '', '', '', release FROM sessions LIMIT 10000;
INSERT INTO session_counts (tier, series_id, period, sessions, errored, crashed, latest)
SELECT tiers.tier, series.id, CAST(started / length AS INTEGER),
    sum(max(exited + errored + crashed + abnormal, 1)), sum(errored), sum(crashed + abnormal),
    max(started)
FROM (SELECT 0 AS tier, 1800 AS length UNION ALL SELECT 1, 86400) AS tiers
CROSS JOIN sessions JOIN series ON series.kind = 'session' AND series.release = sessions.release
GROUP BY 1, 2, 3;
"""
_SUM_FROM_2: Final = """
INSERT INTO backlog (part, next, total)
SELECT part, last, last FROM (
    SELECT 'details' AS part, max(id) AS last FROM transactions
    UNION ALL SELECT 'steps', max(id) FROM spans WHERE segment_id IS NOT NULL
    UNION ALL SELECT 'event details', max(id) FROM events
) WHERE last IS NOT NULL;
"""
# Whatever an older version counted is in half hours and days: only minutes are to be filled from it.
_FROM_4: Final = """
ALTER TABLE backlog ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
"""
_MINUTES_FROM_4: Final = """
INSERT INTO session_counts (tier, series_id, period, sessions, errored, crashed, latest)
SELECT 2, series.id, CAST(started / 60 AS INTEGER),
    sum(max(exited + errored + crashed + abnormal, 1)), sum(errored), sum(crashed + abnormal),
    max(started)
FROM sessions JOIN series ON series.kind = 'session' AND series.release = sessions.release
WHERE started >= {since} GROUP BY 1, 2, 3;
INSERT INTO backlog (part, next, total, first)
SELECT part, last, last - before, before FROM (
    SELECT 'minutes of events' AS part, max(id) AS last, min(id) - 1 AS before
    FROM events WHERE timestamp >= {since}
    UNION ALL SELECT 'minutes of spans', max(id), min(id) - 1 FROM (
        SELECT id, segment_id FROM spans WHERE txn IS NULL AND start >= {since}
        UNION ALL SELECT id, segment_id FROM spans WHERE txn >= (
            SELECT min(+id) FROM transactions WHERE start >= {since} - 3600
        )
    ) WHERE segment_id IS NOT NULL
    UNION ALL SELECT 'minutes of transactions', max(id), min(id) - 1
    FROM transactions WHERE start >= {since}
) WHERE last IS NOT NULL;
"""


def version_of(connection: sqlite3.Connection) -> int:
    """Tell which version made the file.

    Raises:
        sqlite3.DatabaseError: one that this one knows nothing of, or another program.
    """
    if connection.execute(_IS_ANOTHERS).fetchone()[0]:
        raise sqlite3.DatabaseError("it is the database of another program, or of the bot")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise sqlite3.DatabaseError("it was made by a newer version of Tux")
    return int(version)


def prepare(connection: sqlite3.Connection, now: float) -> None:
    """Make the tables, or bring those of an older version up to date: all of it or nothing."""
    version, before, after = version_of(connection), "", ""
    if version == 2:  # noqa: PLR2004  # see VERSION
        after = _SUM_FROM_2
    elif version == 1:
        drops = "".join(f"DROP INDEX IF EXISTS {name};" for name in _GONE)
        before, after = _FROM_1 + drops, _COUNT_FROM_1
    if version in (1, 2):
        before += _FROM_2
        after += _COUNT_FROM_2
    # The first files of version 3 do not have them either.
    if version < 4 and connection.execute(_HAS_RUNS).fetchone():  # noqa: PLR2004  # see VERSION
        before += _FROM_3
    if version in (2, 3, 4):
        before += _FROM_4
    folded = due_at(now)
    if version in (1, 2, 3, 4):
        folded = int((now + FUTURE_SECONDS) // MINUTE) + 1
        after += _MINUTES_FROM_4.format(since=kept_from(now) * MINUTE)
    tables = "".join(
        files(package).joinpath(name).read_text(encoding="utf-8") for package, name in _TABLES
    )
    tables += f"INSERT OR IGNORE INTO folded (id, until) VALUES (1, {folded});"  # noqa: S608  # a number
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {before} {tables} {after} PRAGMA user_version = {VERSION}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if version_of(connection) == version:
            raise
        prepare(connection, now)  # another process has brought it up to date meanwhile
        return
    connection.execute(
        "INSERT OR IGNORE INTO projects (id, name, public_key, created) VALUES (1, 'tux', ?, ?)",
        (secrets.token_hex(16), now),
    )
    add_first_keys(connection)
