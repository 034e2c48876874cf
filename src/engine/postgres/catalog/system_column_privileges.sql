-- born in: pg_attribute
-- changes with: pg_init_privs
-- Privileges on columns of system catalogs and of the information schema that a user changed, as compared with initdb's.
-- extension members: initdb made these catalogs (oid below 16384), and no extension can own one.
SELECT 'system-object column' AS kind
  , json_build_array(pg_describe_object('pg_class'::regclass, a.attrelid, 0), a.attname)::text AS path
  , a.attrelid || '.' || a.attnum AS identity
  , json_build_object('privileges', (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(a.attacl) i))::text AS attributes
FROM pg_attribute a
LEFT JOIN pg_init_privs p ON p.classoid = 'pg_class'::regclass AND p.objoid = a.attrelid AND p.objsubid = a.attnum
CROSS JOIN LATERAL (SELECT coalesce(p.initprivs, '{}'), coalesce(a.attacl, '{}')) b (initial, present)
WHERE a.attrelid < 16384 AND (a.attacl IS NOT NULL OR p.objoid IS NOT NULL)
  AND NOT (b.present @> b.initial AND b.present <@ b.initial)
