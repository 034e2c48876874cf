-- born in: pg_range
-- changes with: pg_description pg_type
-- Range types; the multirange type that comes with one is an attribute.
SELECT 'range' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.typowner)
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'subtype', format_type(r.rngsubtype, NULL)
    , 'collation', CASE WHEN r.rngcollation <> b.typcollation THEN r.rngcollation::regcollation::text END
    , 'operator_class', quote_ident(ocn.nspname) || '.' || quote_ident(oc.opcname)
    , 'canonical', nullif(r.rngcanonical::oid::regprocedure::text, '-')
    , 'subtype_diff', nullif(r.rngsubdiff::oid::regprocedure::text, '-')
    , 'multirange', format_type(r.rngmultitypid, NULL) -- since 14
  ))::text AS attributes
FROM pg_range r
JOIN pg_type t ON t.oid = r.rngtypid
JOIN pg_type b ON b.oid = r.rngsubtype
JOIN pg_opclass oc ON oc.oid = r.rngsubopc
JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE r.rngtypid >= 16384 AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
