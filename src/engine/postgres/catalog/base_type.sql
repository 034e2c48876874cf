-- born in: pg_type
-- changes with: pg_description
-- Base types and shell types. The array type that every type has is no type of its own.
SELECT 'base-type' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.typowner)
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'shell', nullif(NOT t.typisdefined, false)
    , 'input', nullif(t.typinput::oid::regprocedure::text, '-')
    , 'output', nullif(t.typoutput::oid::regprocedure::text, '-')
    , 'receive', nullif(t.typreceive::oid::regprocedure::text, '-')
    , 'send', nullif(t.typsend::oid::regprocedure::text, '-')
    , 'typmod_in', nullif(t.typmodin::oid::regprocedure::text, '-')
    , 'typmod_out', nullif(t.typmodout::oid::regprocedure::text, '-')
    , 'analyze', nullif(t.typanalyze::oid::regprocedure::text, '-')
    , 'subscript', nullif(t.typsubscript::oid::regprocedure::text, '-') -- since 14
    , 'internal_length', t.typlen
    , 'passed_by_value', t.typbyval
    , 'alignment', t.typalign
    , 'storage', t.typstorage
    , 'category', t.typcategory
    , 'preferred', t.typispreferred
    , 'delimiter', t.typdelim
    , 'element', CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END
    , 'default', t.typdefault
    , 'collatable', t.typcollation <> 0
  ))::text AS attributes
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype IN ('b', 'p')
  AND NOT EXISTS (SELECT FROM pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
