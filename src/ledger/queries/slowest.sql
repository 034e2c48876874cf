-- The migrations whose up takes longest, by the median over the recent runs on the same server version.
-- Stands behind recent.sql. ?4 how many migrations.
ups AS (
    SELECT
        checked.database,
        checked.engine,
        checked.server_version,
        steps.migration,
        steps.millis,
        row_number() OVER (
            PARTITION BY checked.database, checked.engine, checked.server_version, steps.migration ORDER BY steps.millis
        ) AS place,
        count(*) OVER (
            PARTITION BY checked.database, checked.engine, checked.server_version, steps.migration
        ) AS runs
    FROM checked
    CROSS JOIN steps ON steps.check_id = checked.id AND steps.phase = 'up'
    WHERE steps.outcome = 'passed'
)
-- The value in the middle, or the mean of the two that are.
SELECT database, engine, server_version, migration, avg(millis) AS millis, runs
FROM ups
WHERE place IN ((runs + 1) / 2, (runs + 2) / 2)
GROUP BY database, engine, server_version, migration
ORDER BY millis DESC, database, migration
LIMIT ?4
