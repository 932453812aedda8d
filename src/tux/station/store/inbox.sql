-- What was answered in a rush and is read afterwards. Numbers are given by whoever puts it here, and never
-- twice: whoever reads one must not take another for it. AUTOINCREMENT would see to that in twice the time.
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL,
    received REAL NOT NULL,
    encoding TEXT NOT NULL,              -- of the body: '' is plain
    body BLOB NOT NULL
) STRICT;
