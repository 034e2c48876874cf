-- Reads the indexes made by CREATE INDEX, which are those with a text; the automatic ones belong to the constraints.
-- An expression has no name in index_xinfo (cid -2), and neither it nor the predicate of a partial index is told by a
-- pragma: the CREATE text is delivered for them. SQLite writes the words before the index's name itself, so that the
-- text tells UNIQUE without a call of index_list; index_xinfo gives the columns in their order. Indexes on shadow
-- tables are left out with the shadow tables. A value from a subquery or CASE goes through json() last: on the way it
-- can lose the mark that it is JSON.
SELECT
  'table index' AS kind,
  json_array(s.tbl_name, s.name) AS path,
  NULL AS identity,
  json_object(
    'unique', json(iif(s.sql LIKE 'CREATE UNIQUE INDEX %', 'true', 'false')),
    'columns', json((
      SELECT json_group_array(json_object(
        'name', i.name,
        'expression', json(iif(i.cid = -2, 'true', 'false')),
        'collation', lower(i.coll),
        'descending', json(iif(i."desc", 'true', 'false'))
      ))
      FROM pragma_index_xinfo(s.name, 'main') AS i
      WHERE i.key
    )),
    'definition', s.sql
  ) AS attributes
FROM main.sqlite_schema AS s
JOIN (
  SELECT DISTINCT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
) AS t ON t.name = s.tbl_name
WHERE s.type = 'index'
  AND s.sql IS NOT NULL
  AND s.tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
