-- What clients sent, as they sent it: to be looked at, and to be forwarded to another receiver.
CREATE TABLE IF NOT EXISTS envelopes (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    received REAL NOT NULL,
    event_id TEXT,                       -- NULL where it has none: sessions, logs, check-ins
    kinds TEXT NOT NULL,                 -- types of its items, comma-separated
    digest INTEGER NOT NULL,             -- of its items: tells one that was sent again
    encoding TEXT NOT NULL,              -- of the body: '' is plain
    body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS envelopes_time ON envelopes (received);
CREATE INDEX IF NOT EXISTS envelopes_event ON envelopes (event_id) WHERE event_id IS NOT NULL;

-- How far each other receiver has been given what is here.
CREATE TABLE IF NOT EXISTS forwarded (
    place TEXT PRIMARY KEY,              -- digest of the receiver, project, kind
    number INTEGER NOT NULL              -- the last row that it was given
) STRICT, WITHOUT ROWID;
