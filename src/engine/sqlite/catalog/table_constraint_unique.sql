-- Reads UNIQUE constraints, that is the automatic indexes of origin 'u'. They are named by their columns, never by
-- the generated sqlite_autoindex_<table>_<n>. Two of them can have the same columns with different collations; those
-- after the first get '#2', '#3' in the order in which the table declares them (index_list gives the newest first).
-- Only tables with an automatic index, which sqlite_schema holds without a text, are asked for their indexes.
SELECT
  'table constraint' AS kind,
  json_array(
    u.table_name,
    'unique (' || u.names || ')' || iif(u.nth > 1, ' #' || u.nth, '')
  ) AS path,
  NULL AS identity,
  json_object('type', 'unique', 'index_columns', json(u.columns)) AS attributes
FROM (
  SELECT
    g.table_name, g.names, g.columns,
    row_number() OVER (PARTITION BY g.table_name, g.names ORDER BY g.seq DESC) AS nth
  FROM (
    SELECT
      o.table_name, o.seq,
      group_concat(o.name, ', ') AS names,
      json_group_array(json_object(
        'name', o.name, 'collation', lower(o.coll), 'descending', json(iif(o."desc", 'true', 'false'))
      )) AS columns
    FROM (
      SELECT l.name AS table_name, n.seq, i.name, i.coll, i."desc"
      FROM (
        SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
        INTERSECT
        SELECT tbl_name FROM main.sqlite_schema WHERE type = 'index' AND sql IS NULL
      ) AS l
      CROSS JOIN pragma_index_list(l.name, 'main') AS n
      CROSS JOIN pragma_index_xinfo(n.name, 'main') AS i
      WHERE n.origin = 'u'
        AND i.key
      ORDER BY l.name, n.seq, i.seqno
    ) AS o
    GROUP BY o.table_name, o.seq
  ) AS g
) AS u
