-- born in: pg_event_trigger
-- changes with: pg_description
-- Event triggers.
SELECT 'event-trigger' AS kind
  , json_build_array(t.evtname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.evtowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_event_trigger'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'event', t.evtevent
    , 'tags', CASE WHEN t.evttags IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(t.evttags) o) END
    , 'function', nullif(t.evtfoid::oid::regprocedure::text, '-')
    , 'enabled', CASE t.evtenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
  ))::text AS attributes
FROM pg_event_trigger t
WHERE t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_event_trigger'::regclass AND e.deptype = 'e')
