-- What the questions about recent runs begin with: the last runs of a project, the latest of age 1, and their checks.
-- CROSS JOIN keeps the order of the tables, here and below: from few runs to their many rows.
-- ?1 project, ?2 database or NULL, ?3 how many runs.
WITH recent AS (
    SELECT id, phases, row_number() OVER (ORDER BY started_at DESC, id DESC) AS age
    FROM runs
    WHERE project = ?1
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM checks WHERE checks.run_id = runs.id AND checks.database = ?2))
    ORDER BY started_at DESC, id DESC
    LIMIT ?3
),
checked AS (
    SELECT
        checks.id,
        checks.database,
        checks.engine,
        checks.server_version,
        checks.server_major,
        checks.complete,
        recent.phases,
        recent.age
    FROM recent
    CROSS JOIN checks ON checks.run_id = recent.id
    WHERE ?2 IS NULL OR checks.database = ?2
),
