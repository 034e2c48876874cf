-- only mysql
-- Components that were installed by a statement.
SELECT 'component' AS kind
  , JSON_ARRAY(c.component_urn) AS path
  , NULL AS identity
  , '{}' AS attributes
FROM mysql.component c
