-- How many runs of a project there are. ?1 project, ?2 database or NULL.
SELECT count(*)
FROM runs
WHERE project = ?1
  AND (?2 IS NULL OR EXISTS (SELECT 1 FROM checks WHERE checks.run_id = runs.id AND checks.database = ?2))
