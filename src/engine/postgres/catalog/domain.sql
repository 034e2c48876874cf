-- born in: pg_type
-- changes with: pg_constraint pg_description
-- Domains. Since version 17 NOT NULL of a domain is a constraint with a name.
SELECT 'domain' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.typowner)
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'type', format_type(t.typbasetype, t.typtypmod)
    , 'collation', CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END
    , 'default', coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault)
    , 'not_null', t.typnotnull
    , 'not_null_constraint_name', nn.conname -- since 17
    , 'comment_of_not_null', nd.description -- since 17
  ))::text AS attributes
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_constraint nn ON nn.contypid = t.oid AND nn.contype = 'n' -- since 17
LEFT JOIN pg_description nd ON nd.classoid = 'pg_constraint'::regclass AND nd.objoid = nn.oid AND nd.objoid >= 16384 -- since 17
WHERE t.oid >= 16384 AND t.typtype = 'd' AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
