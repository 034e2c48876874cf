-- Plugins that were installed by a statement; those that the server's command line loads are none of a migration's.
-- changes with: mysql.plugin
SELECT 'plugin' AS kind
  , JSON_ARRAY(p.name) AS path
  , NULL AS identity
  , JSON_OBJECT('library', p.dl) AS attributes
FROM mysql.plugin p
