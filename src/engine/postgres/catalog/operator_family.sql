-- born in: pg_opfamily
-- changes with: pg_description
-- Operator families with their loose members; those of a class (deptype 'i') are read with it. A family of the system is told
-- only where somebody has added to it.
SELECT 'operator-family' AS kind
  , json_build_array(n.nspname, f.opfname || ' USING ' || am.amname)::text AS path
  , f.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', CASE WHEN f.oid >= 16384 THEN pg_get_userbyid(f.opfowner) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_opfamily'::regclass AND d.objoid = f.oid AND d.objsubid = 0 AND f.oid >= 16384)
    , 'operators', (SELECT json_agg(m.op ORDER BY m.op COLLATE "C") FROM (
      SELECT concat(ao.amopstrategy, ' ', ao.amopopr::regoperator, CASE WHEN ao.amopsortfamily <> 0 THEN
        (SELECT concat(' FOR ORDER BY ', quote_ident(sn.nspname), '.', quote_ident(sf.opfname))
          FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = ao.amopsortfamily) END)
      FROM pg_amop ao WHERE ao.amopfamily = f.oid AND ao.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend i
        WHERE i.classid = 'pg_amop'::regclass AND i.objid = ao.oid AND i.refclassid = 'pg_opclass'::regclass AND i.deptype = 'i')) m (op))
    , 'functions', (SELECT json_agg(m.fn ORDER BY m.fn COLLATE "C") FROM (
      SELECT concat(ap.amprocnum, ' (', format_type(ap.amproclefttype, NULL), ', ', format_type(ap.amprocrighttype, NULL), ') '
        , ap.amproc::oid::regprocedure)
      FROM pg_amproc ap WHERE ap.amprocfamily = f.oid AND ap.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend i
        WHERE i.classid = 'pg_amproc'::regclass AND i.objid = ap.oid AND i.refclassid = 'pg_opclass'::regclass AND i.deptype = 'i')) m (fn))
  ))::text AS attributes
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE (f.oid >= 16384
    OR f.oid IN (SELECT o.amopfamily FROM pg_amop o WHERE o.oid >= 16384 AND o.oid NOT IN (SELECT i.objid FROM pg_depend i
      WHERE i.classid = 'pg_amop'::regclass AND i.refclassid = 'pg_opclass'::regclass AND i.deptype = 'i'))
    OR f.oid IN (SELECT o.amprocfamily FROM pg_amproc o WHERE o.oid >= 16384 AND o.oid NOT IN (SELECT i.objid FROM pg_depend i
      WHERE i.classid = 'pg_amproc'::regclass AND i.refclassid = 'pg_opclass'::regclass AND i.deptype = 'i')))
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND f.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_opfamily'::regclass AND e.deptype = 'e')
