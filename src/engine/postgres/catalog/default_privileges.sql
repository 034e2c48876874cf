-- born in: pg_default_acl
-- Default privileges: of a role, for a kind of object, everywhere or in one schema (then the path has the schema last).
-- An entry that says the same as the built-in default is removed by the server itself.
-- extension members: ALTER DEFAULT PRIVILEGES in an extension's script is its own role's setting and never a member.
SELECT 'default-privileges' AS kind
  , CASE WHEN n.nspname IS NULL THEN json_build_array(pg_get_userbyid(a.defaclrole), o.name)
    ELSE json_build_array(pg_get_userbyid(a.defaclrole), o.name, n.nspname) END::text AS path
  , a.oid::text AS identity
  , json_build_object(
    'privileges', (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(a.defaclacl) i)
  )::text AS attributes
FROM pg_default_acl a
LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
CROSS JOIN LATERAL (SELECT CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
  WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects' ELSE a.defaclobjtype::text END) o (name)
