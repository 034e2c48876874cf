-- born in: pg_db_role_setting
-- Settings for all roles in all databases (ALTER ROLE ALL SET). They belong to no object, so the cluster stands for one.
-- extension members: the setting of a role is no object that an extension could own.
SELECT 'cluster' AS kind
  , '["current"]' AS path
  , 'cluster' AS identity
  , json_build_object('settings', CASE WHEN q.setconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(q.setconfig) o) END)::text AS attributes
FROM pg_db_role_setting q
WHERE q.setdatabase = 0 AND q.setrole = 0
