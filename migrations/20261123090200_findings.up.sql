-- One row for each finding of a run; the fingerprint stays the same from run to run.
CREATE TABLE findings (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    database TEXT NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('error', 'warning', 'note')),
    migration TEXT,
    object TEXT,
    file TEXT,
    line INTEGER,
    message TEXT NOT NULL,
    suppressed TEXT,
    inherited INTEGER NOT NULL DEFAULT 0 CHECK (inherited IN (0, 1)),
    fingerprint TEXT NOT NULL
) STRICT;

CREATE INDEX findings_by_run ON findings (run_id);
CREATE INDEX findings_by_fingerprint ON findings (fingerprint);
