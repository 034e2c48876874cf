-- born in: pg_policy
-- changes with: pg_attribute pg_class pg_description
-- Row security policies. Role 0 is PUBLIC.
SELECT 'table policy' AS kind
  , json_build_array(n.nspname, c.relname, p.polname)::text AS path
  , p.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete'
      ELSE 'all' END
    , 'permissive', p.polpermissive
    , 'roles', (SELECT json_agg(r.name ORDER BY r.name COLLATE "C") FROM (
      SELECT CASE o WHEN 0 THEN 'public' ELSE pg_get_userbyid(o)::text END FROM unnest(p.polroles) o) r (name))
    , 'using', pg_get_expr(p.polqual, p.polrelid)
    , 'with_check', pg_get_expr(p.polwithcheck, p.polrelid)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_policy'::regclass AND d.objoid = p.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND p.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_policy'::regclass AND e.deptype = 'e')
