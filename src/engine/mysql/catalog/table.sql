-- Which tables, views and sequences there are. What they are like, their definitions say (definition/), which are asked for
-- by these names: information_schema tells neither a column's format, an index's parser and block size, periods, nor where a
-- table's files lie, so that the definitions have to be read anyway, and nothing is read twice.
-- TABLES is asked for nothing but names: the other columns open every table, and hold rows, counters and times.
-- The identity is InnoDB's number of the table. RENAME TABLE keeps it, a rebuild gives another one, and none is given twice.
-- InnoDB escapes names of other characters than letters, digits and "_"; such tables have no identity here.
-- changes with: tables
SELECT CASE t.table_type WHEN 'VIEW' THEN 'view' WHEN 'SEQUENCE' THEN 'sequence' ELSE 'table' END AS kind
  , JSON_ARRAY(t.table_name) AS path
  , COALESCE(NULL
    , n.table_id -- if allowed
  ) AS identity
  , '{}' AS attributes
FROM information_schema.tables t
LEFT JOIN ( -- if allowed
  SELECT i.table_id, CONVERT(SUBSTRING_INDEX(i.name, '/', -1) USING utf8mb4) COLLATE utf8mb4_bin AS table_name -- if allowed
  FROM information_schema.innodb_sys_tables i -- only mariadb -- if allowed
  FROM information_schema.innodb_tables i -- only mysql -- if allowed
  WHERE SUBSTRING_INDEX(i.name, '/', 1) = :database AND i.name NOT LIKE '%#%' -- if allowed
) n ON n.table_name = CONVERT(t.table_name USING utf8mb4) COLLATE utf8mb4_bin AND t.table_type <> 'VIEW' -- if allowed
WHERE t.table_schema = :database AND t.table_type NOT LIKE 'TEMPORARY%'
