-- born in: pg_user_mapping
-- User mappings, from the view that hides the options from those who may not see them: the table is for superusers only.
-- A secret is shown as a short checksum, so that a snapshot can be kept and shown; "public" is a name no role can have.
-- extension members: ALTER EXTENSION ADD knows no user mappings, so none can occur.
SELECT 'user-mapping' AS kind
  , json_build_array(m.srvname, m.usename)::text AS path
  , m.umid::text AS identity
  , json_strip_nulls(json_build_object(
    'options', (SELECT json_agg(p.o ORDER BY p.o COLLATE "C") FROM (
      SELECT CASE WHEN o ~* '^[^=]*(passw|secret|token|credential|key)[^=]*=' AND o !~ '^password_required='
        THEN split_part(o, '=', 1) || '=checksum ' || left(encode(sha256(convert_to(o, 'UTF8')), 'hex'), 8) ELSE o END
      FROM unnest(m.umoptions) o) p (o))
  ))::text AS attributes
FROM pg_user_mappings m
