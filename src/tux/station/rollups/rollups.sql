-- What is counted while rows are written, in the same transaction as the rows. Whatever a page adds up it
-- reads from these tables only; they are kept for a year while rows are kept for days.

-- What is counted, so that the rows below are small. Bounded: see rollups/names.py.
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                  -- see rollups/tally.py
    name TEXT NOT NULL,
    op TEXT NOT NULL,
    state TEXT NOT NULL,                 -- status of a run, level of an event
    release TEXT NOT NULL,
    UNIQUE (kind, name, op, state, release)
) STRICT;

-- Histograms: how many runs took how long. A period is Unix seconds // length of its tier. Some
-- periods are one block, in which rows lie by bucket: they are added up as they are read, while
-- sorting them takes five times as long.
CREATE TABLE IF NOT EXISTS durations (
    tier INTEGER NOT NULL,               -- 0: half hours, 1: days
    series_id INTEGER NOT NULL,
    block INTEGER NOT NULL,              -- period // 12 of half hours, // 16 of days
    bucket INTEGER NOT NULL,             -- floor(ln(milliseconds) / ln(1.05))
    period INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total REAL NOT NULL,                 -- milliseconds of all together
    PRIMARY KEY (tier, series_id, block, bucket, period)
) STRICT, WITHOUT ROWID;

-- The same by the minute, as it arrives. What of a minute belongs together lies together, so that a commit
-- writes few pages; when the minute is over it is added to the half hours and days above.
CREATE TABLE IF NOT EXISTS duration_minutes (
    period INTEGER NOT NULL,             -- Unix seconds // 60
    series_id INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (period, series_id, bucket)
) STRICT, WITHOUT ROWID;

-- Minutes before this one are in the half hours and days, too: of durations, sums and users' hits.
CREATE TABLE IF NOT EXISTS folded (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until INTEGER NOT NULL,
    series INTEGER NOT NULL DEFAULT -1   -- of that minute, up to which series it is there, too
) STRICT;

-- How often something was added to a day that was over: readers remember such days until then.
CREATE TABLE IF NOT EXISTS late (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    times INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO late (id, times) VALUES (1, 0);
-- The same of half hours.
CREATE TABLE IF NOT EXISTS late_halves (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    times INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO late_halves (id, times) VALUES (1, 0);

CREATE TABLE IF NOT EXISTS counts (
    tier INTEGER NOT NULL,               -- 0: half hours, 1: days, 2: minutes
    series_id INTEGER NOT NULL,
    period INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tier, series_id, period)
) STRICT, WITHOUT ROWID;

-- When each user last ran what: who did since some moment is who did last since then.
CREATE TABLE IF NOT EXISTS series_users (
    series_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    latest REAL NOT NULL,
    PRIMARY KEY (series_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS series_users_latest ON series_users (series_id, latest);

-- When each user last met an error.
CREATE TABLE IF NOT EXISTS affected (
    user_id TEXT PRIMARY KEY,
    latest REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS affected_latest ON affected (latest);

CREATE TABLE IF NOT EXISTS issue_hours (
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    hour INTEGER NOT NULL,               -- Unix seconds // 3600
    events INTEGER NOT NULL,
    PRIMARY KEY (issue_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS issue_users (
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    first REAL NOT NULL,
    latest REAL NOT NULL,
    PRIMARY KEY (issue_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS issue_users_counted AFTER INSERT ON issue_users BEGIN
    UPDATE issues SET users = users + 1 WHERE id = new.issue_id;
END;

CREATE TABLE IF NOT EXISTS session_counts (
    tier INTEGER NOT NULL,               -- 0: half hours, 1: days, 2: minutes
    series_id INTEGER NOT NULL,          -- its release
    period INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    errored INTEGER NOT NULL,
    crashed INTEGER NOT NULL,
    latest REAL NOT NULL,                -- when the last of them began
    PRIMARY KEY (tier, series_id, period)
) STRICT, WITHOUT ROWID;

-- Rows of a file that a version without roll-ups wrote, which are still to be counted.
CREATE TABLE IF NOT EXISTS backlog (
    part TEXT PRIMARY KEY,
    next INTEGER NOT NULL,               -- this row and those with smaller ids
    total INTEGER NOT NULL,              -- ids when it began
    first INTEGER NOT NULL DEFAULT 0     -- rows up to this one are not counted
) STRICT, WITHOUT ROWID;

-- Texts that people look for, as any three letters of them: see queries/search.py.
CREATE VIRTUAL TABLE IF NOT EXISTS logs_text USING fts5 (
    line, content = '', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER IF NOT EXISTS logs_written AFTER INSERT ON logs BEGIN
    INSERT INTO logs_text (rowid, line) VALUES (new.id, '<' || new.level || '>' || new.body);
END;
CREATE TRIGGER IF NOT EXISTS logs_removed AFTER DELETE ON logs BEGIN
    INSERT INTO logs_text (logs_text, rowid, line)
    VALUES ('delete', old.id, '<' || old.level || '>' || old.body);
END;
CREATE VIRTUAL TABLE IF NOT EXISTS issues_text USING fts5 (
    line, content = '', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER IF NOT EXISTS issues_written AFTER INSERT ON issues BEGIN
    INSERT INTO issues_text (rowid, line) VALUES (new.id, new.title || ' ' || new.culprit);
END;
CREATE TRIGGER IF NOT EXISTS issues_removed AFTER DELETE ON issues BEGIN
    INSERT INTO issues_text (issues_text, rowid, line)
    VALUES ('delete', old.id, old.title || ' ' || old.culprit);
END;
CREATE TRIGGER IF NOT EXISTS issues_renamed AFTER UPDATE OF title, culprit ON issues
WHEN old.title <> new.title OR old.culprit <> new.culprit BEGIN
    INSERT INTO issues_text (issues_text, rowid, line)
    VALUES ('delete', old.id, old.title || ' ' || old.culprit);
    INSERT INTO issues_text (rowid, line) VALUES (new.id, new.title || ' ' || new.culprit);
END;
