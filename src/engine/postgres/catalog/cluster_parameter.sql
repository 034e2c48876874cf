-- born in: pg_parameter_acl
-- Privileges on server parameters (GRANT SET ON PARAMETER), which version 15 brought.
-- extension members: a privilege on a parameter is shared by all databases and no extension can own it.
SELECT 'parameter' AS kind
  , json_build_array(p.parname)::text AS path
  , p.oid::text AS identity
  , json_build_object('privileges', (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(p.paracl) i))::text AS attributes
FROM pg_parameter_acl p -- since 15
FROM (SELECT NULL, NULL::oid, NULL::aclitem[]) p (parname, oid, paracl) WHERE false -- until 14
