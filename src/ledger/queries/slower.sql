-- The migrations whose up took longer in the last run than is usual: the median of the earlier ones among the recent runs,
-- on the same engine and major version. The last run is that of each database.
-- Stands behind recent.sql. ?4 fewest earlier runs, ?5 least ratio, ?6 least milliseconds more.
served AS MATERIALIZED (
    SELECT * FROM checked WHERE server_version IS NOT NULL
),
-- Beside min(), the other columns are those of its row.
last AS MATERIALIZED (
    SELECT id, database, engine, server_version, server_major, min(age) AS age FROM served GROUP BY database
),
earlier AS (
    SELECT
        last.id AS last,
        steps.migration,
        steps.millis,
        row_number() OVER (PARTITION BY last.id, steps.migration ORDER BY steps.millis) AS place,
        count(*) OVER (PARTITION BY last.id, steps.migration) AS runs
    FROM last
    CROSS JOIN served ON served.database = last.database
        AND served.engine = last.engine
        AND served.server_major = last.server_major
        AND served.age > last.age
    CROSS JOIN steps ON steps.check_id = served.id AND steps.phase = 'up'
    WHERE steps.outcome = 'passed'
),
usual AS MATERIALIZED (
    SELECT last, migration, avg(millis) AS millis, runs
    FROM earlier
    WHERE place IN ((runs + 1) / 2, (runs + 2) / 2)
    GROUP BY last, migration
)
SELECT
    last.database,
    last.engine,
    last.server_version,
    steps.migration,
    steps.millis,
    usual.millis AS usual_millis,
    usual.runs
FROM last
CROSS JOIN steps ON steps.check_id = last.id AND steps.phase = 'up' AND steps.outcome = 'passed'
CROSS JOIN usual ON usual.last = last.id AND usual.migration = steps.migration
WHERE usual.runs >= ?4
  AND steps.millis > ?5 * usual.millis
  AND steps.millis - usual.millis > ?6
ORDER BY steps.millis - usual.millis DESC, last.database, steps.migration
