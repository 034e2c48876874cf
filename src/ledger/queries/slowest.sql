-- The migrations whose up takes longest, by the median over the recent runs on the same server version.
-- CROSS JOIN keeps the order of the tables: from few runs to their many rows.
-- ?1 project, ?2 database or NULL, ?3 how many migrations, ?4 how many runs.
WITH recent AS MATERIALIZED (
    SELECT id
    FROM runs
    WHERE project = ?1
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM checks WHERE checks.run_id = runs.id AND checks.database = ?2))
    ORDER BY started_at DESC, id DESC
    LIMIT ?4
),
ups AS (
    SELECT
        checks.database,
        checks.engine,
        checks.server_version,
        steps.migration,
        steps.millis,
        row_number() OVER (
            PARTITION BY checks.database, checks.engine, checks.server_version, steps.migration ORDER BY steps.millis
        ) AS place,
        count(*) OVER (
            PARTITION BY checks.database, checks.engine, checks.server_version, steps.migration
        ) AS runs
    FROM recent
    CROSS JOIN checks ON checks.run_id = recent.id
    CROSS JOIN steps ON steps.check_id = checks.id AND steps.phase = 'up'
    WHERE steps.outcome = 'passed' AND (?2 IS NULL OR checks.database = ?2)
)
-- The value in the middle, or the mean of the two that are.
SELECT database, engine, server_version, migration, avg(millis) AS millis, runs
FROM ups
WHERE place IN ((runs + 1) / 2, (runs + 2) / 2)
GROUP BY database, engine, server_version, migration
ORDER BY millis DESC, database, migration
LIMIT ?3
