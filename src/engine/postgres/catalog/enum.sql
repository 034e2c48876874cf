-- born in: pg_type
-- changes with: pg_enum pg_description
-- Enum types. The labels stand in their sort order, which ADD VALUE BEFORE can choose.
SELECT 'enum' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.typowner)
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'labels', (SELECT coalesce(json_agg(l.enumlabel ORDER BY l.enumsortorder), '[]') FROM pg_enum l WHERE l.enumtypid = t.oid)
  ))::text AS attributes
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype = 'e' AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
