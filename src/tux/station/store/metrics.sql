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
