-- born in: pg_language
-- changes with: pg_description
-- Procedural languages.
SELECT 'language' AS kind
  , json_build_array(l.lanname)::text AS path
  , l.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(l.lanowner)
    , 'privileges', CASE WHEN l.lanacl IS NOT NULL AND NOT (l.lanacl @> acldefault('l', l.lanowner) AND l.lanacl <@ acldefault('l', l.lanowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(l.lanacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_language'::regclass AND d.objoid = l.oid AND d.objsubid = 0)
    , 'trusted', l.lanpltrusted
    , 'handler', nullif(l.lanplcallfoid::oid::regprocedure::text, '-')
    , 'inline', nullif(l.laninline::oid::regprocedure::text, '-')
    , 'validator', nullif(l.lanvalidator::oid::regprocedure::text, '-')
  ))::text AS attributes
FROM pg_language l
WHERE l.oid >= 16384
  AND l.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_language'::regclass AND e.deptype = 'e')
