-- born in: pg_transform
-- changes with: pg_description
-- Transforms.
SELECT 'transform' AS kind
  , json_build_array(format_type(t.trftype, NULL) || ' LANGUAGE ' || l.lanname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'from_sql', nullif(t.trffromsql::oid::regprocedure::text, '-')
    , 'to_sql', nullif(t.trftosql::oid::regprocedure::text, '-')
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_transform'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
WHERE t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_transform'::regclass AND e.deptype = 'e')
