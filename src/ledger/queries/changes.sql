-- The findings that only one of the last two comparable runs has. Comparable are complete checks of the same database, on
-- the same engine and major version, with the same phases; suppressed findings count as not there.
-- Stands behind recent.sql.
complete AS MATERIALIZED (
    SELECT * FROM checked WHERE complete = 1
),
-- Beside min(), the other columns are those of its row.
last AS MATERIALIZED (
    SELECT id, database, engine, server_major, phases, min(age) AS age FROM complete GROUP BY database
),
pairs AS MATERIALIZED (
    SELECT last.id AS last, complete.id AS before, last.database, min(complete.age)
    FROM last
    CROSS JOIN complete ON complete.database = last.database
        AND complete.engine IS last.engine
        AND complete.server_major IS last.server_major
        AND complete.phases = last.phases
        AND complete.age > last.age
    GROUP BY last.id
),
sides AS (
    SELECT 'new' AS change, database, last AS has, before AS lacks FROM pairs
    UNION ALL
    SELECT 'gone', database, before, last FROM pairs
)
SELECT DISTINCT sides.change, sides.database, found.level, found.rule, found.migration, found.object, found.fingerprint
FROM sides
CROSS JOIN findings AS found ON found.check_id = sides.has
WHERE found.suppressed IS NULL
  AND NOT EXISTS (
      SELECT 1
      FROM findings AS other
      WHERE other.check_id = sides.lacks AND other.fingerprint = found.fingerprint AND other.suppressed IS NULL
  )
ORDER BY sides.change DESC, sides.database, found.migration, found.rule, found.object
