-- born in: pg_namespace
-- changes with: pg_description
-- Schemas. "public" (oid below 16384) is a user's schema too, so the system ones are left out by name.
SELECT 'schema' AS kind
  , json_build_array(n.nspname)::text AS path
  , n.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(n.nspowner)
    , 'privileges', CASE WHEN n.nspacl IS NOT NULL AND NOT (n.nspacl @> acldefault('n', n.nspowner) AND n.nspacl <@ acldefault('n', n.nspowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(n.nspacl) i) END
    , 'comment', d.description))::text AS attributes
FROM pg_namespace n
LEFT JOIN pg_description d ON d.classoid = 'pg_namespace'::regclass AND d.objoid = n.oid AND d.objsubid = 0
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND n.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_namespace'::regclass AND e.deptype = 'e')
