-- born in: pg_extension
-- changes with: pg_description
-- Extensions stand for all that they own: every other file leaves out objects with deptype = 'e'; what can be done to each
-- of these is told in extension_member.sql. dependents are the objects that go with the extension by DEPENDS ON EXTENSION
-- (deptype 'x'). plpgsql is older than oid 16384, so oids are not limited here.
SELECT 'extension' AS kind
  , json_build_array(x.extname)::text AS path
  , x.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'version', x.extversion
    , 'schema', n.nspname
    , 'owner', pg_get_userbyid(x.extowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_extension'::regclass AND d.objoid = x.oid AND d.objsubid = 0)
    , 'relocatable', nullif(x.extrelocatable, false)
    , 'configuration_tables', (SELECT json_object_agg(t.oid::regclass::text, t.condition ORDER BY t.oid::regclass::text COLLATE "C")
      FROM unnest(x.extconfig, x.extcondition) t (oid, condition))
    , 'dependents', (SELECT json_agg(i.type || ' ' || i.identity ORDER BY i.type COLLATE "C", i.identity COLLATE "C")
      FROM pg_depend o CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, o.objsubid) i
      WHERE o.refclassid = 'pg_extension'::regclass AND o.refobjid = x.oid AND o.deptype = 'x')
  ))::text AS attributes
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
