-- How alert rules are, what they did, and what is to be told of it.

CREATE TABLE IF NOT EXISTS alert_states (
    rule TEXT PRIMARY KEY,
    state TEXT NOT NULL                  -- JSON of watch.engine.State
) STRICT, WITHOUT ROWID;

-- The highest value of each minute, for charts.
CREATE TABLE IF NOT EXISTS alert_samples (
    rule TEXT NOT NULL,
    minute INTEGER NOT NULL,             -- Unix seconds // 60
    value REAL NOT NULL,
    PRIMARY KEY (rule, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS alert_firings (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,                 -- as it was then
    team TEXT NOT NULL,
    unit TEXT NOT NULL,
    threshold REAL NOT NULL,
    began REAL NOT NULL,
    acknowledged REAL,
    ended REAL,
    peak REAL NOT NULL,
    told REAL                            -- when the team was first told; NULL where it was not
) STRICT;
CREATE INDEX IF NOT EXISTS alert_firings_began ON alert_firings (began);
CREATE INDEX IF NOT EXISTS alert_firings_open ON alert_firings (rule) WHERE ended IS NULL;

-- What teams are to be told; a row is done when its receiver has it, or nothing more is tried.
CREATE TABLE IF NOT EXISTS alert_outbox (
    id INTEGER PRIMARY KEY,
    notice_id TEXT NOT NULL,             -- the same for all who are told of one thing
    team TEXT NOT NULL,
    notifier TEXT NOT NULL,
    notice TEXT NOT NULL,                -- JSON
    created REAL NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    fault TEXT,                          -- of the last attempt
    done REAL,
    outcome TEXT                         -- 'delivered', 'given up'; NULL while it waits
) STRICT;
CREATE INDEX IF NOT EXISTS alert_outbox_due ON alert_outbox (due) WHERE done IS NULL;
CREATE INDEX IF NOT EXISTS alert_outbox_created ON alert_outbox (created);
CREATE INDEX IF NOT EXISTS alert_outbox_of ON alert_outbox (team, notifier, id);
