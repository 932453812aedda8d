-- What belongs to an issue besides its events.

-- Which events are one: all of a hash, and all hashes of an issue. Merging moves hashes.
CREATE TABLE IF NOT EXISTS issue_hashes (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    grouping TEXT NOT NULL,              -- "v2:<hash>": versioned, so that old groups stay
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    made_by TEXT NOT NULL,               -- what the hash was made of, in a word
    title TEXT NOT NULL,                 -- of the event that made it
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL,
    events INTEGER NOT NULL,             -- all that ever came
    moving_from INTEGER,                 -- the issue that still has events of it
    UNIQUE (project_id, grouping)
) STRICT;
CREATE INDEX IF NOT EXISTS issue_hashes_issue ON issue_hashes (issue_id);
CREATE INDEX IF NOT EXISTS issue_hashes_moving ON issue_hashes (moving_from)
    WHERE moving_from IS NOT NULL;
CREATE INDEX IF NOT EXISTS issues_merged ON issues (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX IF NOT EXISTS issues_ignored ON issues (ignored_until) WHERE ignored_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_hash ON events (hash_id) WHERE hash_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS issue_users_user ON issue_users (user_id, issue_id);

-- What became of an issue, and who did it.
CREATE TABLE IF NOT EXISTS issue_activity (
    id INTEGER PRIMARY KEY,
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    who TEXT NOT NULL,                   -- empty: the station itself
    what TEXT NOT NULL,                  -- see store/states.py
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS issue_activity_issue ON issue_activity (issue_id, at);

-- How many events of an issue have a tag: searched by, and shown as shares.
CREATE TABLE IF NOT EXISTS issue_tags (
    issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (issue_id, key, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issue_tags_value ON issue_tags (key, value);
CREATE TRIGGER IF NOT EXISTS issue_tags_counted AFTER INSERT ON issue_tags BEGIN
    UPDATE issues SET tag_values = tag_values + 1 WHERE id = new.issue_id;
END;

-- When the first thing of a release came: tells which of two is later where their names do not.
CREATE TABLE IF NOT EXISTS releases_seen (
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    first_seen REAL NOT NULL,
    PRIMARY KEY (project_id, name)
) STRICT, WITHOUT ROWID;
