-- One row for each run of `rollproof check --ledger`.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    tool_version TEXT NOT NULL,
    project TEXT NOT NULL,
    revision TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'error')),
    millis REAL NOT NULL CHECK (millis >= 0)
) STRICT;

CREATE INDEX runs_by_project ON runs (project, started_at);
