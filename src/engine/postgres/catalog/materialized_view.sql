-- born in: pg_rewrite
-- changes with: pg_attribute pg_class pg_description
-- Materialized views. Whether one is populated is data (REFRESH changes it), so it is not read.
SELECT 'materialized-view' AS kind
  , json_build_array(n.nspname, c.relname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.relowner)
    , 'privileges', CASE WHEN c.relacl IS NOT NULL AND NOT (c.relacl @> acldefault('r', c.relowner) AND c.relacl <@ acldefault('r', c.relowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(c.relacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'comment_of_rule', (SELECT d.description FROM pg_rewrite r
      JOIN pg_description d ON d.classoid = 'pg_rewrite'::regclass AND d.objoid = r.oid AND d.objsubid = 0
      WHERE r.ev_class = c.oid AND r.rulename = '_RETURN')
    , 'definition', pg_get_viewdef(c.oid)
    , 'replica_identity', CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index' END
    , 'access_method', CASE c.relam WHEN 0 THEN NULL WHEN 2 THEN 'heap'
      ELSE (SELECT am.amname FROM pg_am am WHERE am.oid = c.relam) END
    , 'tablespace', CASE WHEN c.reltablespace <> 0 THEN (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) END
    , 'storage_parameters', CASE WHEN c.reloptions IS NOT NULL OR t.reloptions IS NOT NULL THEN
      (SELECT json_agg(o ORDER BY o COLLATE "C") FROM (
        SELECT unnest(c.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions)) p (o)) END
  ))::text AS attributes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL
WHERE c.oid >= 16384 AND c.relkind = 'm'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
