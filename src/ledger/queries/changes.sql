-- The findings that only one of the last two comparable runs has. Comparable are complete checks of the same database, on
-- the same engine and major version, with the same phases; suppressed findings count as not there.
-- CROSS JOIN keeps the order of the tables: from few runs to their many rows.
-- ?1 project, ?2 database or NULL, ?3 how many runs are looked at.
WITH recent AS (
    SELECT id, phases, row_number() OVER (ORDER BY started_at DESC, id DESC) AS age
    FROM runs
    WHERE project = ?1
      AND (?2 IS NULL OR EXISTS (SELECT 1 FROM checks WHERE checks.run_id = runs.id AND checks.database = ?2))
    ORDER BY started_at DESC, id DESC
    LIMIT ?3
),
checked AS MATERIALIZED (
    SELECT checks.id, recent.age, recent.phases, checks.database, checks.engine, checks.server_major
    FROM recent
    CROSS JOIN checks ON checks.run_id = recent.id
    WHERE checks.complete = 1 AND (?2 IS NULL OR checks.database = ?2)
),
-- Beside min(), the other columns are those of its row.
last AS MATERIALIZED (
    SELECT id, database, engine, server_major, phases, min(age) AS age FROM checked GROUP BY database
),
pairs AS MATERIALIZED (
    SELECT last.id AS last, checked.id AS before, last.database, min(checked.age)
    FROM last
    CROSS JOIN checked ON checked.database = last.database
        AND checked.engine IS last.engine
        AND checked.server_major IS last.server_major
        AND checked.phases = last.phases
        AND checked.age > last.age
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
