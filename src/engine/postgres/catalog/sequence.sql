-- born in: pg_sequence
-- changes with: pg_class pg_depend pg_description
-- Sequences, never their position. The sequence of an identity column (deptype 'i') belongs to its column: see column.sql.
SELECT 'sequence' AS kind
  , json_build_array(n.nspname, c.relname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.relowner)
    , 'privileges', CASE WHEN c.relacl IS NOT NULL AND NOT (c.relacl @> acldefault('s', c.relowner) AND c.relacl <@ acldefault('s', c.relowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(c.relacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END
    , 'type', format_type(q.seqtypid, NULL)
    , 'start', q.seqstart
    , 'increment', q.seqincrement
    , 'min', q.seqmin
    , 'max', q.seqmax
    , 'cache', q.seqcache
    , 'cycle', q.seqcycle
    , 'owned_by', (SELECT o.refobjid::regclass::text || '.' || quote_ident(a.attname)
      FROM pg_depend o JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
      WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
        AND o.refobjsubid > 0 AND o.deptype = 'a')
  ))::text AS attributes
FROM pg_sequence q
JOIN pg_class c ON c.oid = q.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
    AND (e.deptype = 'e' OR e.deptype = 'i' AND e.refclassid = 'pg_class'::regclass))
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
