-- born in: pg_ts_parser
-- changes with: pg_description
-- Text search parsers. They have no owner.
SELECT 'text-search-parser' AS kind
  , json_build_array(n.nspname, p.prsname)::text AS path
  , p.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_ts_parser'::regclass AND d.objoid = p.oid AND d.objsubid = 0)
    , 'start', nullif(p.prsstart::oid::regprocedure::text, '-')
    , 'token', nullif(p.prstoken::oid::regprocedure::text, '-')
    , 'end', nullif(p.prsend::oid::regprocedure::text, '-')
    , 'headline', nullif(p.prsheadline::oid::regprocedure::text, '-')
    , 'types', nullif(p.prslextype::oid::regprocedure::text, '-')
  ))::text AS attributes
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE p.oid >= 16384 AND n.nspname !~ '^pg_(temp_|toast)'
  AND p.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_ts_parser'::regclass AND e.deptype = 'e')
