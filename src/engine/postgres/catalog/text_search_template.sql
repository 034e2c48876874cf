-- born in: pg_ts_template
-- changes with: pg_description
-- Text search templates. They have no owner.
SELECT 'text-search-template' AS kind
  , json_build_array(n.nspname, t.tmplname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_ts_template'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'init', nullif(t.tmplinit::oid::regprocedure::text, '-')
    , 'lexize', nullif(t.tmpllexize::oid::regprocedure::text, '-')
  ))::text AS attributes
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE t.oid >= 16384 AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_ts_template'::regclass AND e.deptype = 'e')
