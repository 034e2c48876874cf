-- Reads the columns of tables and virtual tables. A column's place is not an attribute here, since a column added or
-- dropped before it would change it; the table's column_order tells it, and here it is the identity, to which the rest of
-- the column is added later. Collations, generated expressions, checks and AUTOINCREMENT are in the table's CREATE text
-- only. Tables without a known column (ncol = 0) are virtual tables whose module is not loaded: asking for their columns
-- would be an error. Columns hidden by a module (hidden = 1) are left out, for the module makes them up: FTS5 has one with
-- the table's own name.
SELECT
  'table column' AS kind,
  json_array(l.name, c.name) AS path,
  c.cid AS identity,
  json_object(
    'type', nullif(c.type, ''),
    'not_null', json(iif(c."notnull", 'true', 'false')),
    'default', c.dflt_value,
    'primary_key_position', nullif(c.pk, 0),
    'generated', CASE c.hidden WHEN 2 THEN 'virtual' WHEN 3 THEN 'stored' END
  ) AS attributes
FROM pragma_table_list AS l
CROSS JOIN pragma_table_xinfo(l.name, 'main') AS c
WHERE l.schema = 'main'
  AND l.type IN ('table', 'virtual')
  AND l.ncol > 0
  AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND c.hidden <> 1
