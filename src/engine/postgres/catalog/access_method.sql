-- born in: pg_am
-- changes with: pg_description
-- Access methods.
SELECT 'access-method' AS kind
  , json_build_array(a.amname)::text AS path
  , a.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'type', CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END
    , 'handler', nullif(a.amhandler::oid::regprocedure::text, '-')
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_am'::regclass AND d.objoid = a.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_am a
WHERE a.oid >= 16384
  AND a.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_am'::regclass AND e.deptype = 'e')
