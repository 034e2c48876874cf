-- Functions, procedures and MariaDB's packages. The definition is the body; attributes tell what stands before it. Parameters
-- are joined, not looked up, since MariaDB reads every routine anew for each question about them. That a function aggregates,
-- and the defaults of parameters, stand nowhere but in mysql.proc, which not everybody may read.
-- Left out: when a routine was made and altered; what dtd_identifier repeats of a type in pieces; what is always the same.
-- changes with: mysql.proc
SELECT CASE r.routine_type WHEN 'FUNCTION' THEN 'function' WHEN 'PROCEDURE' THEN 'procedure'
    WHEN 'PACKAGE' THEN 'package' ELSE 'package-body' END AS kind
  , JSON_ARRAY(r.routine_name) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'parameters', JSON_EXTRACT(CONCAT('[', p.list, ']'), '$')
    , 'returns', NULLIF(CONCAT_WS(' ', r.dtd_identifier, CONCAT('COLLATE ', r.collation_name)), '')
    , 'aggregate', NULLIF(LOWER(o.aggregate), 'none') -- only mariadb -- if allowed
    , 'parameter_list', IF(CONVERT(o.param_list USING utf8mb4) RLIKE 'default|:=', CONVERT(o.param_list USING utf8mb4), NULL) -- since mariadb 11.8 -- if allowed
    , 'language', NULLIF(r.external_language, 'SQL')
    , 'deterministic', JSON_EXTRACT(IF(r.is_deterministic = 'YES', 'true', 'false'), '$')
    , 'data_access', LOWER(r.sql_data_access)
    , 'security', LOWER(r.security_type)
    , 'definition', r.routine_definition
    , 'definer', NULLIF(r.definer, CURRENT_USER())
    , 'comment', NULLIF(r.routine_comment, '')
    , 'sql_mode', r.sql_mode
    , 'character_set_client', r.character_set_client
    , 'collation_connection', r.collation_connection
    , 'database_collation', r.database_collation
  ) AS attributes
FROM information_schema.routines r
LEFT JOIN (
  SELECT specific_name, routine_type
    , GROUP_CONCAT(JSON_QUOTE(CONCAT_WS(' ', LOWER(parameter_mode), parameter_name, dtd_identifier
      , CONCAT('COLLATE ', collation_name)
      )) ORDER BY ordinal_position SEPARATOR ',') AS list
  FROM information_schema.parameters
  WHERE specific_schema = :database AND ordinal_position > 0
  GROUP BY specific_name, routine_type
) p ON p.specific_name = r.specific_name AND p.routine_type = r.routine_type
LEFT JOIN mysql.proc o ON o.db = :database AND o.specific_name = CONVERT(r.specific_name USING utf8mb3) AND o.type = CONVERT(r.routine_type USING utf8mb3) -- only mariadb -- if allowed
WHERE r.routine_schema = :database
