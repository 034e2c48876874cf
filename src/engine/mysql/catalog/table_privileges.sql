-- Privileges on tables, views and sequences, and on their columns. They stay when the object goes, as no other part of one
-- does, and are back when one of that name is made again.
-- Left out: who granted them and when.
-- changes with: tables mysql.tables_priv mysql.columns_priv
SELECT CASE t.table_type WHEN 'VIEW' THEN 'view privileges' WHEN 'SEQUENCE' THEN 'sequence privileges' ELSE 'table privileges' END AS kind
  , JSON_ARRAY(p.table_name, CONCAT(p.user, IF(p.host = '', '', CONCAT('@', p.host)))) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'privileges', JSON_EXTRACT(CONCAT('["', REPLACE(NULLIF(UPPER(p.table_priv), ''), ',', '","'), '"]'), '$')
    , 'privileges_on_columns', JSON_EXTRACT(CONCAT('{', c.list, '}'), '$')
  ) AS attributes
FROM mysql.tables_priv p
LEFT JOIN (
  SELECT table_name, user, host
    , GROUP_CONCAT(CONCAT(JSON_QUOTE(CONVERT(column_name USING utf8mb4)), ':', CONCAT('["', REPLACE(UPPER(column_priv), ',', '","'), '"]')) ORDER BY column_name SEPARATOR ',') AS list
  FROM mysql.columns_priv WHERE db = :database GROUP BY table_name, user, host
) c ON c.table_name = p.table_name AND c.user = p.user AND c.host = p.host
LEFT JOIN information_schema.tables t ON t.table_schema = :database AND t.table_name = CONVERT(p.table_name USING utf8mb3)
WHERE p.db = :database
