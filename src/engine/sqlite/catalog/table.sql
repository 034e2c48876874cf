-- Reads the tables and virtual tables of the main database, with the order of their columns and their CREATE text,
-- which is the only place that knows checks, collations, conflict clauses and the arguments of a virtual table. Every
-- pragma is given the schema 'main', since a temporary table of the same name would be found first. The columns are
-- asked for only when ncol is above 0: a virtual table whose module is not loaded has none, and asking for them would
-- fail the whole query. Hidden columns (hidden = 1) are made up by the module, not declared. The pragma gives the
-- columns in their order; sorting them again would only cost time. The root page is no identity by itself, since a
-- dropped table's page is given to the next table created; what the table looks like is added to it later. A value from
-- a subquery or CASE goes through json() last: on the way it can lose the mark that it is JSON.
SELECT
  'table' AS kind,
  json_array(l.name) AS path,
  s.rootpage AS identity,
  json_object(
    'type', l.type,
    'without_rowid', json(iif(l.wr, 'true', 'false')),
    'strict', json(iif(l.strict, 'true', 'false')),
    'column_order', json(CASE WHEN l.ncol > 0 THEN (
      SELECT json_group_array(c.name) FROM pragma_table_xinfo(l.name, 'main') AS c WHERE c.hidden <> 1
    ) END),
    'definition', s.sql
  ) AS attributes
FROM main.sqlite_schema AS s
JOIN pragma_table_list AS l ON l.name = s.name AND l.schema = 'main'
WHERE s.type = 'table'
  AND l.type IN ('table', 'virtual')
  AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\'
