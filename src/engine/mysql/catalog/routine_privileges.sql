-- Privileges on functions, procedures and packages.
-- Left out: who granted them and when.
-- changes with: mysql.procs_priv
SELECT CASE p.routine_type WHEN 'FUNCTION' THEN 'function privileges' WHEN 'PROCEDURE' THEN 'procedure privileges'
    WHEN 'PACKAGE' THEN 'package privileges' WHEN 'LIBRARY' THEN 'library privileges' ELSE 'package-body privileges' END AS kind
  , JSON_ARRAY(p.routine_name, CONCAT(p.user, IF(p.host = '', '', CONCAT('@', p.host)))) AS path
  , NULL AS identity
  , JSON_OBJECT('privileges', JSON_EXTRACT(CONCAT('["', REPLACE(NULLIF(UPPER(p.proc_priv), ''), ',', '","'), '"]'), '$')) AS attributes
FROM mysql.procs_priv p
WHERE p.db = :database
