-- born in: pg_proc
-- changes with: pg_init_privs pg_language pg_namespace
-- Privileges of system functions, catalogs and languages that a user changed, as compared with those at initdb. Namespace
-- 11 is pg_catalog. The information schema gets its privileges only after initdb has noted the others: everybody may use it
-- and select from most of its views, and from the others nobody (no privileges at all are kept of these).
-- extension members: objects of extensions are compared in extension.sql; those here came with initdb (oid below 16384).
SELECT 'system-object' AS kind
  , json_build_array(pg_describe_object(o.classid, o.oid, 0))::text AS path
  , o.classid || '.' || o.oid AS identity
  , json_build_object('privileges', (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(o.acl) i))::text AS attributes
FROM (
  SELECT 'pg_proc'::regclass::oid AS classid, p.oid, p.proacl AS acl, acldefault('f', p.proowner) AS normal FROM pg_proc p
  WHERE p.oid < 16384 AND p.proacl IS NOT NULL
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, c.relacl, acldefault('r', c.relowner) FROM pg_class c
  WHERE c.oid < 16384 AND c.relacl IS NOT NULL AND c.relnamespace = 11
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, l.lanacl, acldefault('l', l.lanowner) FROM pg_language l
  WHERE l.oid < 16384 AND l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typacl, acldefault('T', t.typowner) FROM pg_type t
  WHERE t.oid < 16384 AND t.typacl IS NOT NULL
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, n.nspacl, acldefault('n', n.nspowner) FROM pg_namespace n
  WHERE n.oid = 11
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, c.relacl, acldefault('r', c.relowner) || makeaclitem(0, c.relowner, 'SELECT', false)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid < 16384 AND c.relacl IS NOT NULL AND n.nspname = 'information_schema'
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, n.nspacl, acldefault('n', n.nspowner) || makeaclitem(0, n.nspowner, 'USAGE', false)
  FROM pg_namespace n WHERE n.nspname = 'information_schema'
) o
LEFT JOIN pg_init_privs p ON p.classoid = o.classid AND p.objoid = o.oid AND p.objsubid = 0
CROSS JOIN LATERAL (SELECT coalesce(p.initprivs, o.normal)) b (acl)
WHERE NOT (o.acl @> b.acl AND o.acl <@ b.acl)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.classid AND e.objid = o.oid AND e.deptype = 'e')
