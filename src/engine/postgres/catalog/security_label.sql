-- born in: pg_seclabel
-- Security labels, one object for each: almost no database has any, and one file costs less than a join in each other.
SELECT 'security-label' AS kind
  , json_build_array(o.type, o.identity, l.provider)::text AS path
  , concat_ws('.', l.classoid, l.objoid, l.objsubid, l.provider) AS identity
  , json_build_object('security_labels', l.label)::text AS attributes
FROM pg_seclabel l
CROSS JOIN LATERAL pg_identify_object(l.classoid, l.objoid, l.objsubid) o
WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = l.classoid AND e.objid = l.objoid
    AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e')
