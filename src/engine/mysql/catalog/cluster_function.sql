-- Functions of shared libraries (CREATE FUNCTION ... SONAME), which belong to no database.
-- changes with: mysql.func
SELECT 'loadable-function' AS kind
  , JSON_ARRAY(f.name) AS path
  , NULL AS identity
  , JSON_OBJECT('library', f.dl, 'returns', f.ret, 'type', f.type) AS attributes
FROM mysql.func f
