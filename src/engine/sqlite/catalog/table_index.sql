-- Reads the indexes made by CREATE INDEX, which are those with a text; the automatic ones belong to the constraints.
-- The text tells all: an expression has no name in index_xinfo, and the predicate of a partial index is in no pragma.
-- Shadow tables are made by the module of a virtual table, but an index with a text on one of them may be the user's.
SELECT
  'table index' AS kind,
  json_array(t.name, s.name) AS path,
  NULL AS identity,
  json_object('definition', s.sql) AS attributes
FROM main.sqlite_schema AS s
JOIN (
  SELECT DISTINCT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')
) AS t ON t.name = s.tbl_name
WHERE s.type = 'index'
  AND s.sql IS NOT NULL
  AND s.tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
