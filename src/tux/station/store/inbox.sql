-- What was answered in a rush and is read afterwards. Numbers are never used twice: whoever reads
-- one must not take another for it.
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    received REAL NOT NULL,
    encoding TEXT NOT NULL,              -- of the body: '' is plain
    body BLOB NOT NULL
) STRICT;
