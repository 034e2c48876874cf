-- born in: pg_tablespace
-- changes with: pg_shdescription pg_shseclabel
-- Tablespaces. The path of an in-place one holds its oid, so it is left out.
-- extension members: a tablespace is a shared object and no extension can own it.
SELECT 'tablespace' AS kind
  , json_build_array(t.spcname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.spcowner)
    , 'privileges', CASE WHEN t.spcacl IS NOT NULL AND NOT (t.spcacl @> acldefault('t', t.spcowner) AND t.spcacl <@ acldefault('t', t.spcowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(t.spcacl) i) END
    , 'comment', d.description
    , 'location', CASE WHEN pg_tablespace_location(t.oid) ~ '^/' THEN pg_tablespace_location(t.oid) END
    , 'options', CASE WHEN t.spcoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(t.spcoptions) o) END
    , 'security_labels', (SELECT json_object_agg(l.provider, l.label ORDER BY l.provider) FROM pg_shseclabel l
      WHERE l.classoid = 'pg_tablespace'::regclass AND l.objoid = t.oid)
  ))::text AS attributes
FROM pg_tablespace t
LEFT JOIN pg_shdescription d ON d.classoid = 'pg_tablespace'::regclass AND d.objoid = t.oid
