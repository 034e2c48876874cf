-- Columns of one view, :relation. Asked view by view, since MariaDB opens every table of a database to answer for all of them; and not
-- by SHOW COLUMNS, which is an error for a view that names what is not there.
-- changes with: tables mysql.proc
SELECT 'view column' AS kind
  , JSON_ARRAY(c.table_name, c.column_name) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'type', c.column_type
    , 'not_null', JSON_EXTRACT(IF(c.is_nullable = 'NO', 'true', 'false'), '$')
    , 'default', c.column_default
    , 'collation', c.collation_name
  ) AS attributes
FROM information_schema.columns c
WHERE c.table_schema = :database AND c.table_name = :relation
