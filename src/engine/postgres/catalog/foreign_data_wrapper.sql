-- born in: pg_foreign_data_wrapper
-- changes with: pg_description
-- Foreign-data wrappers.
SELECT 'foreign-data-wrapper' AS kind
  , json_build_array(w.fdwname)::text AS path
  , w.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(w.fdwowner)
    , 'privileges', CASE WHEN w.fdwacl IS NOT NULL AND NOT (w.fdwacl @> acldefault('F', w.fdwowner) AND w.fdwacl <@ acldefault('F', w.fdwowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(w.fdwacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_foreign_data_wrapper'::regclass AND d.objoid = w.oid AND d.objsubid = 0)
    , 'handler', nullif(w.fdwhandler::oid::regprocedure::text, '-')
    , 'validator', nullif(w.fdwvalidator::oid::regprocedure::text, '-')
    , 'options', CASE WHEN w.fdwoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(w.fdwoptions) o) END
  ))::text AS attributes
FROM pg_foreign_data_wrapper w
WHERE w.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_foreign_data_wrapper'::regclass AND e.deptype = 'e')
