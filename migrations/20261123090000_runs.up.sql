-- One row for each run that was recorded. `started_at` is in milliseconds since the Unix epoch, `revision` the commit
-- that was checked, `phases` the phases that were asked for, with commas between.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    project TEXT NOT NULL,
    revision TEXT,
    phases TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'error')),
    millis REAL NOT NULL CHECK (millis >= 0)
) STRICT;

-- The last runs of a project; ends with the id by itself, so that it also orders runs of one millisecond.
CREATE INDEX runs_by_project ON runs (project, started_at);
