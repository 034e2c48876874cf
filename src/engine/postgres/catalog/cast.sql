-- born in: pg_cast
-- changes with: pg_description
-- Casts. They have no owner and no schema: the two types are the name. The cast to its multirange that a range type brings
-- along depends on it internally and is left out.
SELECT 'cast' AS kind
  , json_build_array(format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL))::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'method', CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'inout' ELSE 'binary' END
    , 'function', nullif(c.castfunc::oid::regprocedure::text, '-')
    , 'context', CASE c.castcontext WHEN 'a' THEN 'assignment' WHEN 'i' THEN 'implicit' ELSE 'explicit' END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_cast'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_cast c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid
    AND (e.deptype = 'e' OR e.deptype = 'i'))
