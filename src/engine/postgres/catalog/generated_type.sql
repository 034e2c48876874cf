-- born in: pg_description
-- changes with: pg_type
-- What can be said of the types that come with others: the row types of tables and views, and array types. One with neither
-- a comment nor privileges of its own is nothing but a part of what it came with. It is born by its comment here: whatever
-- alters a type has everything read again.
SELECT 'generated-type' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'comment', d.description
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
  ))::text AS attributes
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE t.oid >= 16384
  AND (d.description IS NOT NULL OR NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner)))
  AND (c.relkind <> 'c' OR EXISTS (SELECT FROM pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid))
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    AND (e.classid = 'pg_type'::regclass AND e.objid IN (t.oid, t.typelem) OR e.classid = 'pg_class'::regclass AND e.objid = c.oid))
