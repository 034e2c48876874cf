-- born in: pg_rewrite
-- changes with: pg_attribute pg_class pg_description
-- Views. The definition names the columns in order, so a view has no column_order. Options such as security_invoker change
-- what a view does: they are not storage_parameters.
SELECT 'view' AS kind
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
    , 'options', CASE WHEN c.reloptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(c.reloptions) o) END
  ))::text AS attributes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND c.relkind = 'v'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
