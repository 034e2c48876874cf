-- One row for each database of a run. `server_major` is what durations are compared within; `complete` is 0 where
-- something kept the database from being checked in whole.
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    database TEXT NOT NULL,
    engine TEXT,
    server_version TEXT,
    server_major TEXT,
    provision TEXT,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;

CREATE UNIQUE INDEX checks_by_run ON checks (run_id, database);

-- One row for each script that ran, or was to run. The rows of one phase of one check lie side by side: durations are
-- asked for by phase.
CREATE TABLE steps (
    check_id INTEGER NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    phase TEXT NOT NULL CHECK (phase IN ('up', 'down', 'redo', 'descent')),
    position INTEGER NOT NULL,
    migration TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'skipped')),
    class TEXT,
    millis REAL NOT NULL CHECK (millis >= 0),
    PRIMARY KEY (check_id, phase, position)
) STRICT, WITHOUT ROWID;
