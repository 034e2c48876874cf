-- born in: pg_class
-- changes with: pg_attribute pg_description pg_inherits pg_partitioned_table
-- Ordinary and partitioned tables. Objects made after initdb have an oid from 16384 on, so the range of the oid leaves the
-- system catalogs out without reading them. column_order stands here, so that a column that only moved is no changed column.
SELECT 'table' AS kind
  , json_build_array(n.nspname, c.relname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.relowner)
    , 'privileges', CASE WHEN c.relacl IS NOT NULL AND NOT (c.relacl @> acldefault('r', c.relowner) AND c.relacl <@ acldefault('r', c.relowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(c.relacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'persistence', CASE c.relpersistence WHEN 'u' THEN 'unlogged' ELSE 'permanent' END
    , 'access_method', CASE c.relam WHEN 0 THEN NULL WHEN 2 THEN 'heap'
      ELSE (SELECT am.amname FROM pg_am am WHERE am.oid = c.relam) END
    , 'partition_key', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END
    , 'partition_of', CASE WHEN c.relispartition THEN
      (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid) END
    , 'bound', CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END
    , 'inherits', CASE WHEN NOT c.relispartition THEN
      (SELECT json_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) END
    , 'detach_pending', CASE WHEN c.relispartition THEN (SELECT nullif(i.inhdetachpending, false) FROM pg_inherits i WHERE i.inhrelid = c.oid) END -- since 14
    , 'of_type', CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END
    , 'row_security', nullif(c.relrowsecurity, false)
    , 'force_row_security', nullif(c.relforcerowsecurity, false)
    , 'replica_identity', CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END
    , 'column_order', to_json(ARRAY(SELECT a.attname FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum))
    , 'tablespace', CASE WHEN c.reltablespace <> 0 THEN (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) END
    , 'storage_parameters', CASE WHEN c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL THEN
      (SELECT json_agg(o ORDER BY o COLLATE "C") FROM (
        SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions)) p (o)) END
  ))::text AS attributes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
WHERE c.oid >= (SELECT 16384::oid) AND c.relkind IN ('r', 'p')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
