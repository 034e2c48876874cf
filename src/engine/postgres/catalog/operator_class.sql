-- born in: pg_opclass
-- changes with: pg_amop pg_amproc pg_depend pg_description pg_opfamily
-- Operator classes. Its own operators and functions depend on the class; the loose ones are read with the family.
SELECT 'operator-class' AS kind
  , json_build_array(n.nspname, c.opcname || ' USING ' || am.amname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.opcowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_opclass'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'type', format_type(c.opcintype, NULL)
    , 'default', c.opcdefault
    , 'storage_type', CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END
    , 'family', quote_ident(fn.nspname) || '.' || quote_ident(f.opfname)
    , 'operators', (SELECT json_agg(m.op ORDER BY m.op COLLATE "C") FROM (
      SELECT concat(ao.amopstrategy, ' ', ao.amopopr::regoperator, CASE WHEN ao.amopsortfamily <> 0 THEN
        (SELECT concat(' FOR ORDER BY ', quote_ident(sn.nspname), '.', quote_ident(sf.opfname))
          FROM pg_opfamily sf JOIN pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = ao.amopsortfamily) END)
      FROM pg_depend o JOIN pg_amop ao ON ao.oid = o.objid
      WHERE o.classid = 'pg_amop'::regclass AND o.refclassid = 'pg_opclass'::regclass AND o.refobjid = c.oid) m (op))
    , 'functions', (SELECT json_agg(m.fn ORDER BY m.fn COLLATE "C") FROM (
      SELECT concat(ap.amprocnum, ' (', format_type(ap.amproclefttype, NULL), ', ', format_type(ap.amprocrighttype, NULL), ') '
        , ap.amproc::oid::regprocedure)
      FROM pg_depend o JOIN pg_amproc ap ON ap.oid = o.objid
      WHERE o.classid = 'pg_amproc'::regclass AND o.refclassid = 'pg_opclass'::regclass AND o.refobjid = c.oid) m (fn))
  ))::text AS attributes
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_opclass'::regclass AND e.deptype = 'e')
