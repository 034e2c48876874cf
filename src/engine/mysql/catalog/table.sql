-- Which tables, views and sequences there are. What they are like, their definitions say (definition/), which are asked for
-- by these names: information_schema tells neither a column's format, an index's parser and block size, periods, nor where a
-- table's files lie, so that the definitions have to be read anyway, and nothing is read twice.
-- TABLES is asked for nothing but names: the other columns open every table, and hold rows, counters and times.
SELECT CASE table_type WHEN 'VIEW' THEN 'view' WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END AS kind
  , JSON_ARRAY(table_name) AS path
  , NULL AS identity
  , '{}' AS attributes
FROM information_schema.tables
WHERE table_schema = :database AND table_type NOT LIKE 'TEMPORARY%'
