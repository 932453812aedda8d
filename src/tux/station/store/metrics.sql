-- What programs count and measure by themselves, an hour together: raw values say no more.
CREATE TABLE IF NOT EXISTS metric_hours (
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,                  -- counter, gauge, distribution
    unit TEXT NOT NULL,                  -- '' where there is none
    hour INTEGER NOT NULL,               -- Unix hour: seconds // 3600
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    least REAL NOT NULL,
    most REAL NOT NULL,
    PRIMARY KEY (project_id, name, kind, unit, hour)
) STRICT, WITHOUT ROWID;

-- Runs of commands as a bot measures each (`command.duration`), sampled or not: what alerts look at.
-- Pages read their roll-ups, see rollups/tally.py.
CREATE TABLE IF NOT EXISTS command_runs (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    timestamp REAL NOT NULL,             -- when it ended
    command TEXT NOT NULL,
    environment TEXT,
    duration REAL NOT NULL,              -- without waits for people
    trace_id TEXT,
    status TEXT NOT NULL DEFAULT 'unknown', -- as of a transaction; 'unknown' where nobody told
    error TEXT                           -- class of what it failed with
) STRICT;
-- What a client that lost our answer sends again counts once.
CREATE UNIQUE INDEX IF NOT EXISTS command_runs_once ON command_runs (timestamp, trace_id, command, project_id);
