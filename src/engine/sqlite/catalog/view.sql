-- Reads the views of the main database with their CREATE text and the names of their columns. The names are asked for
-- only when table_list knows the number of columns: a view whose table was dropped has 0, and table_xinfo of it would
-- fail the whole query. The types of a view's columns are left out: how SQLite derives them differs between versions.
-- A value from a subquery or CASE goes through json() last: on the way it can lose the mark that it is JSON.
SELECT
  'view' AS kind,
  json_array(l.name) AS path,
  NULL AS identity,
  json_object(
    'columns', json(CASE WHEN l.ncol > 0 THEN (
      SELECT json_group_array(c.name) FROM pragma_table_xinfo(l.name, 'main') AS c
    ) END),
    'definition', s.sql
  ) AS attributes
FROM main.sqlite_schema AS s
JOIN pragma_table_list AS l ON l.name = s.name AND l.schema = 'main'
WHERE s.type = 'view'
  AND l.type = 'view'
