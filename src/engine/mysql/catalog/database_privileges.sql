-- Privileges on the whole database. A database's name in a GRANT is a pattern, so that "_" and "%" may stand there with a
-- backslash; patterns that other databases fit as well are the server's and no part of this one.
-- changes with: mysql.db
SELECT 'database privileges' AS kind
  , JSON_ARRAY('current', CONCAT(p.user, IF(p.host = '', '', CONCAT('@', p.host)))) AS path
  , NULL AS identity
  , JSON_OBJECT('privileges', JSON_EXTRACT(CONCAT('[', GROUP_CONCAT(JSON_QUOTE(CONVERT(p.privilege USING utf8mb4)) ORDER BY p.privilege SEPARATOR ','), ']'), '$')) AS attributes
FROM (
  SELECT d.user, d.host, n.privilege
  FROM mysql.db d
  JOIN (SELECT 'SELECT' AS privilege
    UNION ALL SELECT 'INSERT' UNION ALL SELECT 'UPDATE' UNION ALL SELECT 'DELETE' UNION ALL SELECT 'CREATE' UNION ALL SELECT 'DROP'
    UNION ALL SELECT 'GRANT OPTION' UNION ALL SELECT 'REFERENCES' UNION ALL SELECT 'INDEX' UNION ALL SELECT 'ALTER'
    UNION ALL SELECT 'CREATE TEMPORARY TABLES' UNION ALL SELECT 'LOCK TABLES' UNION ALL SELECT 'CREATE VIEW' UNION ALL SELECT 'SHOW VIEW'
    UNION ALL SELECT 'CREATE ROUTINE' UNION ALL SELECT 'ALTER ROUTINE' UNION ALL SELECT 'EXECUTE' UNION ALL SELECT 'EVENT' UNION ALL SELECT 'TRIGGER'
    UNION ALL SELECT 'DELETE HISTORY' -- only mariadb
    UNION ALL SELECT 'SHOW CREATE ROUTINE' -- since mariadb 11.3
  ) n ON 'Y' = CASE n.privilege WHEN 'SELECT' THEN d.select_priv WHEN 'INSERT' THEN d.insert_priv WHEN 'UPDATE' THEN d.update_priv
    WHEN 'DELETE' THEN d.delete_priv WHEN 'CREATE' THEN d.create_priv WHEN 'DROP' THEN d.drop_priv WHEN 'GRANT OPTION' THEN d.grant_priv
    WHEN 'REFERENCES' THEN d.references_priv WHEN 'INDEX' THEN d.index_priv WHEN 'ALTER' THEN d.alter_priv
    WHEN 'CREATE TEMPORARY TABLES' THEN d.create_tmp_table_priv WHEN 'LOCK TABLES' THEN d.lock_tables_priv
    WHEN 'CREATE VIEW' THEN d.create_view_priv WHEN 'SHOW VIEW' THEN d.show_view_priv WHEN 'CREATE ROUTINE' THEN d.create_routine_priv
    WHEN 'ALTER ROUTINE' THEN d.alter_routine_priv WHEN 'EXECUTE' THEN d.execute_priv WHEN 'EVENT' THEN d.event_priv
    WHEN 'TRIGGER' THEN d.trigger_priv
    WHEN 'DELETE HISTORY' THEN d.delete_history_priv -- only mariadb
    WHEN 'SHOW CREATE ROUTINE' THEN d.show_create_routine_priv -- since mariadb 11.3
    END
  WHERE d.db IN (:database, REPLACE(REPLACE(:database, '_', '\\_'), '%', '\\%'))
) p
GROUP BY p.user, p.host
