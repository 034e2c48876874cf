-- born in: pg_type
-- changes with: pg_attribute pg_class pg_description
-- Composite types made by CREATE TYPE (every table has one too, which is the table). The attributes are one ordered list.
SELECT 'composite' AS kind
  , json_build_array(n.nspname, t.typname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.typowner)
    , 'privileges', CASE WHEN t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.typacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'attributes', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)
        , 'collation', CASE WHEN a.attcollation <> b.typcollation THEN a.attcollation::regcollation::text END)
        ORDER BY a.attnum), '[]')
      FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    , 'comment_of_attributes', (SELECT json_object_agg(a.attname, ad.description ORDER BY a.attnum)
      FROM pg_description ad JOIN pg_attribute a ON a.attrelid = ad.objoid AND a.attnum = ad.objsubid
      WHERE ad.classoid = 'pg_class'::regclass AND ad.objoid = c.oid AND ad.objsubid > 0)
  ))::text AS attributes
FROM pg_class c
JOIN pg_type t ON t.oid = c.reltype
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE c.oid >= 16384 AND c.relkind = 'c' AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
