-- born in: pg_foreign_table
-- changes with: pg_attribute pg_class pg_description pg_inherits
-- Foreign tables. Options are sorted, since their order means nothing to a wrapper.
SELECT 'foreign-table' AS kind
  , json_build_array(n.nspname, c.relname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.relowner)
    , 'privileges', CASE WHEN c.relacl IS NOT NULL AND NOT (c.relacl @> acldefault('r', c.relowner) AND c.relacl <@ acldefault('r', c.relowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(c.relacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'server', s.srvname
    , 'options', CASE WHEN f.ftoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(f.ftoptions) o) END
    , 'partition_of', CASE WHEN c.relispartition THEN
      (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid) END
    , 'bound', CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END
    , 'inherits', CASE WHEN NOT c.relispartition THEN
      (SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) END
    , 'detach_pending', CASE WHEN c.relispartition THEN (SELECT nullif(i.inhdetachpending, false) FROM pg_inherits i WHERE i.inhrelid = c.oid) END -- since 14
    , 'column_order', to_json(ARRAY(SELECT a.attname FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum))
  ))::text AS attributes
FROM pg_foreign_table f
JOIN pg_class c ON c.oid = f.ftrelid
JOIN pg_foreign_server s ON s.oid = f.ftserver
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
