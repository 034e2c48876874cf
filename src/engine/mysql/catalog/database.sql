-- What ALTER DATABASE can change of the database that we are in. Its name is random here, so the path is fixed.
-- A collation names its character set.
-- changes with: options
SELECT 'database' AS kind
  , '["current"]' AS path
  , NULL AS identity
  , JSON_OBJECT(
    'collation', s.default_collation_name
    , 'comment', NULLIF(s.schema_comment, '') -- only mariadb
    , 'encryption', NULLIF(s.default_encryption, 'NO') -- since mysql 8.0.16
    , 'options', NULLIF((SELECT x.options FROM information_schema.schemata_extensions x WHERE x.schema_name = s.schema_name), '') -- since mysql 8.0.22
  ) AS attributes
FROM information_schema.schemata s
WHERE s.schema_name = :database
