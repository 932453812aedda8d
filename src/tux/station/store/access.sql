-- Who may send and who may look. Nothing here opens anything by itself but the keys, which only send.

CREATE TABLE IF NOT EXISTS project_keys (
    public_key TEXT PRIMARY KEY,         -- 32 hex, the user part of a DSN
    project_id INTEGER NOT NULL REFERENCES projects (id),
    label TEXT NOT NULL,
    created REAL NOT NULL,
    revoked REAL,                        -- when; NULL while it opens
    per_minute INTEGER                   -- envelopes; NULL for STATION_KEY_RATE, 0 for no limit
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS passwords (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hash TEXT NOT NULL,                  -- scrypt, with its parameters
    changed REAL NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS logins (
    digest BLOB PRIMARY KEY,             -- SHA-256 of what the browser has
    expires REAL NOT NULL,
    proof BLOB NOT NULL                  -- digest of the password's hash: another password ends it
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS api_tokens (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,         -- SHA-256: a token has 32 random bytes
    created REAL NOT NULL
) STRICT;
