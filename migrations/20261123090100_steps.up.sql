-- One row for each script that ran, or was to run, in a run.
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    database TEXT NOT NULL,
    engine TEXT NOT NULL,
    server_version TEXT,
    migration TEXT NOT NULL,
    phase TEXT NOT NULL CHECK (phase IN ('up', 'down', 'redo', 'descent')),
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'skipped')),
    class TEXT,
    millis REAL NOT NULL CHECK (millis >= 0)
) STRICT;

CREATE INDEX steps_by_run ON steps (run_id);
CREATE INDEX steps_by_migration ON steps (database, migration, phase);
