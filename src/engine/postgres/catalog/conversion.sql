-- born in: pg_conversion
-- changes with: pg_description
-- Encoding conversions.
SELECT 'conversion' AS kind
  , json_build_array(n.nspname, c.conname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.conowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_conversion'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'from', pg_encoding_to_char(c.conforencoding)
    , 'to', pg_encoding_to_char(c.contoencoding)
    , 'function', nullif(c.conproc::oid::regprocedure::text, '-')
    , 'default', c.condefault
  ))::text AS attributes
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_conversion'::regclass AND e.deptype = 'e')
