-- born in: pg_foreign_server
-- changes with: pg_description
-- Foreign servers.
SELECT 'server' AS kind
  , json_build_array(s.srvname)::text AS path
  , s.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(s.srvowner)
    , 'privileges', CASE WHEN s.srvacl IS NOT NULL AND NOT (s.srvacl @> acldefault('S', s.srvowner) AND s.srvacl <@ acldefault('S', s.srvowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(s.srvacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_foreign_server'::regclass AND d.objoid = s.oid AND d.objsubid = 0)
    , 'wrapper', w.fdwname
    , 'type', s.srvtype
    , 'version', s.srvversion
    , 'options', CASE WHEN s.srvoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) o) END
  ))::text AS attributes
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE s.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_foreign_server'::regclass AND e.deptype = 'e')
