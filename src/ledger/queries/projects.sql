-- The projects of the ledger, the one that ran last first.
SELECT project FROM runs GROUP BY project ORDER BY max(started_at) DESC, project
