-- born in: pg_opfamily
-- changes with: pg_amop pg_amproc pg_description
-- Operator families with all their members, both those of a class and the loose ones.
SELECT 'operator-family' AS kind
  , json_build_array(n.nspname, f.opfname || ' USING ' || am.amname)::text AS path
  , f.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(f.opfowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_opfamily'::regclass AND d.objoid = f.oid AND d.objsubid = 0)
    , 'operators', (SELECT json_agg(m.op ORDER BY m.op COLLATE "C") FROM (
      SELECT concat(ao.amopstrategy, ' ', ao.amopopr::regoperator, CASE WHEN ao.amopsortfamily <> 0 THEN
        (SELECT concat(' FOR ORDER BY ', quote_ident(sn.nspname), '.', quote_ident(sf.opfname))
          FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = ao.amopsortfamily) END)
      FROM pg_amop ao WHERE ao.amopfamily = f.oid) m (op))
    , 'functions', (SELECT json_agg(m.fn ORDER BY m.fn COLLATE "C") FROM (
      SELECT concat(ap.amprocnum, ' (', format_type(ap.amproclefttype, NULL), ', ', format_type(ap.amprocrighttype, NULL), ') '
        , ap.amproc::oid::regprocedure)
      FROM pg_amproc ap WHERE ap.amprocfamily = f.oid) m (fn))
  ))::text AS attributes
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am am ON am.oid = f.opfmethod
WHERE f.oid >= 16384
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND f.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_opfamily'::regclass AND e.deptype = 'e')
