-- Reads primary keys. The columns come from table_xinfo, because the key of a rowid table on one INTEGER column has
-- no index; where there is an index (sqlite_autoindex_<table>_<n>, whose number changes as constraints come and go,
-- so it is never shown), it tells collation and direction, which the plain list of columns does not. The indexes are
-- asked for only where one can be: in a table WITHOUT ROWID or with an automatic index, which sqlite_schema holds
-- without a text. The columns are collected from an ordered subquery: ORDER BY inside json_group_array() needs SQLite
-- 3.44. A value from a subquery or CASE goes through json() last: on the way it can lose the mark that it is JSON.
SELECT
  'table constraint' AS kind,
  json_array(k.table_name, 'primary key') AS path,
  NULL AS identity,
  json_object(
    'type', 'primary key',
    'columns', json(k.columns),
    'index_columns', json(CASE WHEN k.without_rowid OR a.tbl_name IS NOT NULL THEN (
      SELECT json_group_array(json_object(
        'name', i.name, 'collation', lower(i.coll), 'descending', json(iif(i."desc", 'true', 'false'))
      ))
      FROM pragma_index_list(k.table_name, 'main') AS n
      CROSS JOIN pragma_index_xinfo(n.name, 'main') AS i
      WHERE n.origin = 'pk' AND i.key
      -- Without a row there is no such index, but an aggregate would still answer, with an empty list.
      HAVING count(*) > 0
    ) END)
  ) AS attributes
FROM (
  SELECT o.table_name, o.without_rowid, json_group_array(o.column_name) AS columns
  FROM (
    SELECT l.name AS table_name, l.wr AS without_rowid, c.name AS column_name
    FROM pragma_table_list AS l
    CROSS JOIN pragma_table_xinfo(l.name, 'main') AS c
    WHERE l.schema = 'main'
      AND l.type = 'table'
      AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND c.pk > 0
    ORDER BY l.name, c.pk
  ) AS o
  GROUP BY o.table_name
) AS k
LEFT JOIN (
  SELECT DISTINCT tbl_name FROM main.sqlite_schema WHERE type = 'index' AND sql IS NULL
) AS a ON a.tbl_name = k.table_name
