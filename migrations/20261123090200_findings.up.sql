-- One row for each finding of a check. The fingerprint is the same from run to run for the same rule, database,
-- migration and object.
CREATE TABLE findings (
    id INTEGER PRIMARY KEY,
    check_id INTEGER NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('error', 'warning', 'note')),
    phase TEXT NOT NULL,
    migration TEXT,
    object TEXT,
    file TEXT,
    line INTEGER,
    message TEXT NOT NULL,
    suppressed TEXT,
    inherited INTEGER NOT NULL CHECK (inherited IN (0, 1))
) STRICT;

CREATE INDEX findings_by_check ON findings (check_id, fingerprint);
