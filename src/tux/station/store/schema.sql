-- The station's tables. Times are Unix seconds (REAL); durations are milliseconds (REAL).
-- Payloads are zlib-compressed JSON: 24 KB of event take about 2.6 KB.

CREATE TABLE IF NOT EXISTS projects (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL UNIQUE,
    created REAL NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS issues (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects (id),
    grouping TEXT NOT NULL,              -- the first of its hashes, see issues.sql
    title TEXT NOT NULL,                 -- "KeyError: 'xp'"
    culprit TEXT NOT NULL,               -- "tux.modules.levels in rank", or the transaction
    level TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'unresolved', -- unresolved, resolved, ignored, merged
    resolved REAL,                       -- when; an event that happened later may reopen it
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL,
    times_seen INTEGER NOT NULL,
    users INTEGER NOT NULL DEFAULT 0,    -- who met it; counted by a trigger
    first_release TEXT,                  -- of its first event, and of its last
    last_release TEXT,
    resolved_in TEXT,                    -- resolved in the release after this one; '' is any
    ignored_until REAL,                  -- ignored until this time,
    ignored_count INTEGER,               -- or until so many events; for ever where both are NULL
    regressed REAL,                      -- when it came back after it was resolved
    merged_into INTEGER REFERENCES issues (id) ON DELETE CASCADE,
    tag_values INTEGER NOT NULL DEFAULT 0, -- rows of issue_tags; counted by a trigger
    UNIQUE (project_id, grouping)
) STRICT;
CREATE INDEX IF NOT EXISTS issues_last_seen ON issues (last_seen);
CREATE INDEX IF NOT EXISTS issues_status ON issues (status, last_seen);

CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,              -- 32 hex
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    received REAL NOT NULL,
    timestamp REAL NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    transaction_name TEXT,
    trace_id TEXT,
    span_id TEXT,
    user_id TEXT,
    release TEXT,
    environment TEXT,
    handled INTEGER,                     -- NULL where the SDK does not say
    payload BLOB NOT NULL,
    hash_id INTEGER,                     -- of issue_hashes; NULL: the one its issue began with
    UNIQUE (project_id, event_id)        -- a resent event counts once
) STRICT;
CREATE INDEX IF NOT EXISTS events_issue ON events (issue_id, timestamp);
CREATE INDEX IF NOT EXISTS events_times ON events (timestamp, level, user_id);
CREATE INDEX IF NOT EXISTS events_trace ON events (trace_id);

CREATE TABLE IF NOT EXISTS event_tags (
    event INTEGER NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (event, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS event_tags_command ON event_tags (value, event) WHERE key = 'command';

CREATE TABLE IF NOT EXISTS transactions (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    received REAL NOT NULL,
    start REAL NOT NULL,
    duration REAL NOT NULL,
    name TEXT NOT NULL,
    op TEXT NOT NULL,
    status TEXT NOT NULL,                -- 'ok', 'internal_error', …; 'unknown' where unset
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    parent_span_id TEXT,
    user_id TEXT,
    release TEXT,
    environment TEXT,
    payload BLOB NOT NULL,
    UNIQUE (project_id, event_id)
) STRICT;
CREATE INDEX IF NOT EXISTS transactions_time ON transactions (start, op, name, duration, status, user_id);
CREATE INDEX IF NOT EXISTS transactions_names ON transactions (name, start, duration);
-- The slowest of each day: those of a month are among those of its days.
CREATE INDEX IF NOT EXISTS transactions_slow
    ON transactions (CAST(start / 86400 AS INTEGER), duration);
CREATE INDEX IF NOT EXISTS transactions_failed ON transactions (start)
    WHERE status IN
        ('internal_error', 'unknown_error', 'unavailable', 'data_loss', 'unauthenticated');
CREATE INDEX IF NOT EXISTS transactions_name_failed ON transactions (name, start)
    WHERE status IN
        ('internal_error', 'unknown_error', 'unavailable', 'data_loss', 'unauthenticated');
CREATE INDEX IF NOT EXISTS transactions_trace ON transactions (trace_id);

CREATE TABLE IF NOT EXISTS spans (
    id INTEGER PRIMARY KEY,
    txn INTEGER REFERENCES transactions (id) ON DELETE CASCADE,
                                         -- NULL while a streamed span's segment is not here yet
    segment_id TEXT,                     -- of a streamed span: the span_id of its transaction
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    parent_span_id TEXT,
    op TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    start REAL NOT NULL,
    duration REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS spans_txn ON spans (txn);
CREATE INDEX IF NOT EXISTS spans_waiting ON spans (trace_id, segment_id) WHERE txn IS NULL;
CREATE INDEX IF NOT EXISTS spans_shown ON spans (start)
    WHERE op >= 'db' AND op < 'dc' OR op = 'http.client';
CREATE INDEX IF NOT EXISTS spans_orphans ON spans (start) WHERE txn IS NULL;

CREATE TABLE IF NOT EXISTS sessions (
    project_id INTEGER NOT NULL,
    sid TEXT NOT NULL,                   -- for aggregates: made from release, environment and minute
    started REAL NOT NULL,
    updated REAL NOT NULL,
    release TEXT NOT NULL,
    environment TEXT NOT NULL,
    exited INTEGER NOT NULL,             -- counts: 0 or 1 each for a single session
    errored INTEGER NOT NULL,
    crashed INTEGER NOT NULL,
    abnormal INTEGER NOT NULL,
    PRIMARY KEY (project_id, sid)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_time ON sessions (started);

CREATE TABLE IF NOT EXISTS check_ins (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    check_in_id TEXT NOT NULL,
    monitor_slug TEXT NOT NULL,
    status TEXT NOT NULL,                -- in_progress, ok, error
    started REAL NOT NULL,
    updated REAL NOT NULL,
    duration REAL,
    config TEXT,                         -- JSON of monitor_config
    UNIQUE (project_id, check_in_id)
) STRICT;
CREATE INDEX IF NOT EXISTS check_ins_slug ON check_ins (monitor_slug, started);
CREATE INDEX IF NOT EXISTS check_ins_time ON check_ins (started);

CREATE TABLE IF NOT EXISTS logs (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    timestamp REAL NOT NULL,
    level TEXT NOT NULL,
    body TEXT NOT NULL,
    trace_id TEXT,
    attributes TEXT NOT NULL             -- JSON object name → value
) STRICT;
CREATE INDEX IF NOT EXISTS logs_time ON logs (timestamp);
CREATE INDEX IF NOT EXISTS logs_level ON logs (level, timestamp);
CREATE INDEX IF NOT EXISTS logs_trace ON logs (trace_id);

CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    feedback_id TEXT NOT NULL,
    event_id TEXT,                       -- the event it is about, where it is about one
    timestamp REAL NOT NULL,
    name TEXT,
    contact TEXT,
    message TEXT NOT NULL,
    user_id TEXT,                        -- who said it, where that is known
    UNIQUE (project_id, feedback_id)
) STRICT;
CREATE INDEX IF NOT EXISTS feedback_event ON feedback (event_id);
CREATE INDEX IF NOT EXISTS feedback_time ON feedback (timestamp);

-- What clients say they lost, and what the station itself did not keep, per hour.
CREATE TABLE IF NOT EXISTS discards (
    project_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,               -- Unix hour: seconds // 3600
    origin TEXT NOT NULL,                -- 'client' or 'station'
    category TEXT NOT NULL,
    reason TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (project_id, hour, origin, category, reason)
) STRICT, WITHOUT ROWID;
