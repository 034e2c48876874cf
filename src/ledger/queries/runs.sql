-- The last runs of a project, with what counts of their findings. ?1 project, ?2 database or NULL, ?3 how many.
WITH listed AS MATERIALIZED (
    SELECT runs.*
    FROM runs
    WHERE project = ?1
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM checks WHERE checks.run_id = runs.id AND checks.database = ?2))
    ORDER BY started_at DESC, id DESC
    LIMIT ?3
)
SELECT
    listed.started_at,
    listed.tool_version,
    listed.revision,
    listed.phases,
    listed.outcome,
    listed.millis,
    count(*) FILTER (WHERE findings.level = 'error') AS errors,
    count(*) FILTER (WHERE findings.level = 'warning') AS warnings,
    count(*) FILTER (WHERE findings.level = 'note') AS notes,
    (
        SELECT json_group_array(json_object(
            'database', checks.database,
            'engine', checks.engine,
            'server_version', checks.server_version,
            'provision', checks.provision
        ))
        FROM checks
        WHERE checks.run_id = listed.id AND (?2 IS NULL OR checks.database = ?2)
    ) AS checks
FROM listed
LEFT JOIN checks ON checks.run_id = listed.id AND (?2 IS NULL OR checks.database = ?2)
LEFT JOIN findings ON findings.check_id = checks.id AND findings.suppressed IS NULL AND findings.inherited = 0
GROUP BY listed.id
ORDER BY listed.started_at DESC, listed.id DESC
