-- What is added up without a histogram: shares of commands' time, runs by tag. A period is Unix
-- seconds // length of its tier.
CREATE TABLE IF NOT EXISTS sums (
    tier INTEGER NOT NULL,               -- 0: half hours, 1: days
    series_id INTEGER NOT NULL,
    period INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total REAL NOT NULL,                 -- milliseconds of all together
    PRIMARY KEY (tier, series_id, period)
) STRICT, WITHOUT ROWID;

-- The same by the minute: see duration_minutes.
CREATE TABLE IF NOT EXISTS sum_minutes (
    period INTEGER NOT NULL,             -- Unix seconds // 60
    series_id INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (period, series_id)
) STRICT, WITHOUT ROWID;

-- What one user did and met.
CREATE INDEX IF NOT EXISTS events_user ON events (user_id, timestamp) WHERE user_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS transactions_user
    ON transactions (user_id, start) WHERE user_id IS NOT NULL;

-- How many errors each user met in which period.
CREATE TABLE IF NOT EXISTS user_hits (
    tier INTEGER NOT NULL,               -- 0: half hours, 1: days
    period INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (tier, period, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS hit_minutes (
    period INTEGER NOT NULL,             -- Unix seconds // 60
    user_id TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (period, user_id)
) STRICT, WITHOUT ROWID;
