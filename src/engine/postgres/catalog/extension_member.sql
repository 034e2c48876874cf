-- born in: pg_extension
-- changes with: pg_conversion pg_description pg_event_trigger pg_foreign_data_wrapper pg_foreign_server
-- changes with: pg_init_privs pg_namespace pg_operator pg_opfamily pg_ts_config pg_ts_config_map pg_ts_dict
-- changes with: pg_ts_parser pg_ts_template
-- What extensions own (deptype = 'e'), one object for each: extensions have hundreds, so the definition is a checksum of all
-- that can be said of it. It holds no oid and leaves the extension's schema out of names, so that an extension made anew, or
-- moved, has the same members. Indexes, constraints, triggers, rules and policies of a member table are read as everybody's.
-- An owner is told where it is neither the extension's nor the bootstrap superuser (oid 10), whose are the members of a trusted
-- extension; privileges where they are not those of the script (pg_init_privs). Since version 17 array types and the row types
-- of tables are members as well; they are parts of what they came with.
WITH m (classid, objid, extname, extowner, prefix, pattern) AS MATERIALIZED (
  SELECT e.classid, e.objid, x.extname, x.extowner, quote_ident(n.nspname) || '.', concat(CASE WHEN quote_ident(n.nspname) = n.nspname THEN '\m' END
    , regexp_replace(quote_ident(n.nspname), '(\W)', '\\\1', 'g'), '\.')
  FROM pg_depend e
  JOIN pg_extension x ON x.oid = e.refobjid
  JOIN pg_namespace n ON n.oid = x.extnamespace
  WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
)
SELECT 'extension member' AS kind
  , json_build_array(o.extname, regexp_replace(pg_describe_object(o.classid, o.objid, 0), o.pattern, '', 'g'))::text AS path
  , o.classid || '.' || o.objid AS identity
  , json_strip_nulls(json_build_object(
    'definition', 'checksum ' || left(encode(sha256(convert_to(concat(replace(o.names, o.prefix, ''), o.facts), 'UTF8')), 'hex'), 12)
    , 'columns', 'checksum ' || left(encode(sha256(convert_to(replace(o.columns, o.prefix, ''), 'UTF8')), 'hex'), 12)
    , 'owner', CASE WHEN o.owner NOT IN (10, o.extowner) THEN pg_get_userbyid(o.owner) END
    , 'privileges', CASE WHEN o.acl IS NOT NULL THEN
      (SELECT (SELECT coalesce(json_agg(a::text ORDER BY a::text COLLATE "C"), '[]') FROM unnest(o.acl) a)
        FROM (SELECT coalesce((SELECT r.initprivs FROM pg_init_privs r
          WHERE r.classoid = o.classid AND r.objoid = o.objid AND r.objsubid = 0), acldefault(o.acl_type, o.owner))) b (acl)
        WHERE NOT (o.acl @> b.acl AND o.acl <@ b.acl)) END
    , 'privileges_of_columns', CASE WHEN o.classid = 'pg_class'::regclass THEN
      (SELECT json_object_agg(a.attname, (SELECT json_agg(i::text ORDER BY i::text COLLATE "C") FROM unnest(a.attacl) i) ORDER BY a.attname COLLATE "C") FROM pg_attribute a
        WHERE a.attrelid = o.objid AND cardinality(a.attacl) > 0) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.objoid = o.objid AND d.classoid = o.classid AND d.objsubid = 0)
    , 'comment_of_columns', CASE WHEN o.columns IS NOT NULL THEN
      (SELECT json_object_agg(a.attname, d.description ORDER BY a.attname COLLATE "C")
        FROM pg_description d JOIN pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
        WHERE d.objoid = o.relation AND d.classoid = 'pg_class'::regclass AND d.objsubid > 0) END
  ))::text AS attributes
FROM (
  SELECT m.*, p.proowner, p.proacl, 'f'::"char", NULL::oid, NULL::text
    , ROW(pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.prosupport
      , (SELECT array_agg(format_type(t, NULL)) FROM unnest(p.protrftypes) t)
      , (SELECT ROW(a.aggkind, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn
          , a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify, a.aggmfinalmodify
          , a.aggsortop::regoperator, a.aggtranstype::regtype, a.aggtransspace, a.aggmtranstype::regtype, a.aggmtransspace
          , a.agginitval, a.aggminitval)::text
        FROM pg_aggregate a WHERE p.prokind = 'a' AND a.aggfnoid = p.oid))::text
    , ROW((SELECT l.lanname FROM pg_language l WHERE l.oid = p.prolang), p.prokind, p.provolatile, p.proparallel, p.proisstrict
      , p.prosecdef, p.proleakproof, p.procost, p.prorows, p.proconfig, p.prosrc, p.probin
      , CASE WHEN p.prosqlbody IS NOT NULL THEN pg_get_function_sqlbody(p.oid) END -- since 14
      )::text
  FROM m JOIN pg_proc p ON p.oid = m.objid WHERE m.classid = 'pg_proc'::regclass
  UNION ALL
  SELECT m.*, t.typowner, t.typacl, 'T', t.typrelid
    , (SELECT json_agg(ROW(a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation) ORDER BY a.attnum)::text
      FROM pg_attribute a WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
    , ROW(t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, format_type(t.typelem, NULL)
      , t.typsubscript -- since 14
      , format_type(t.typbasetype, t.typtypmod), t.typcollation::regcollation, pg_get_expr(t.typdefaultbin, 0)
      , (SELECT array_agg(k.conname || ' ' || pg_get_constraintdef(k.oid) ORDER BY k.conname COLLATE "C")
        FROM pg_constraint k WHERE t.typtype = 'd' AND k.contypid = t.oid)
      , (SELECT ROW(r.rngsubtype::regtype, r.rngcollation::regcollation, r.rngcanonical, r.rngsubdiff
          , r.rngmultitypid::regtype -- since 14
          , (SELECT concat(c.opcnamespace::regnamespace, '.', c.opcname) FROM pg_opclass c WHERE c.oid = r.rngsubopc))::text
        FROM pg_range r WHERE t.typtype = 'r' AND r.rngtypid = t.oid))::text
    , ROW(t.typtype, t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typisdefined
      , t.typdelim, t.typdefault, t.typnotnull
      , (SELECT array_agg(l.enumlabel ORDER BY l.enumsortorder) FROM pg_enum l WHERE t.typtype = 'e' AND l.enumtypid = t.oid))::text
  FROM m JOIN pg_type t ON t.oid = m.objid WHERE m.classid = 'pg_type'::regclass
    AND NOT EXISTS (SELECT FROM pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
    AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
  UNION ALL
  SELECT m.*, c.relowner, c.relacl, CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.oid
    , (SELECT json_agg(ROW(a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull
        , a.attidentity, a.attgenerated, a.attstorage, nullif(a.attstattarget, -1), a.attoptions, a.attfdwoptions, a.attislocal
        , (SELECT pg_get_expr(f.adbin, f.adrelid) FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum)
        , a.attcompression -- since 14
        ) ORDER BY a.attnum)::text
      FROM pg_attribute a WHERE a.attrelid = c.oid AND c.relkind <> 'S' AND a.attnum > 0 AND NOT a.attisdropped)
    , ROW(CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
      , CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END
      , CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid), format_type(c.reloftype, NULL)
      , (SELECT array_agg(h.inhparent::regclass ORDER BY h.inhseqno) FROM pg_inherits h WHERE h.inhrelid = c.oid))::text
    , ROW(c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions
      , (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam), (SELECT b.spcname FROM pg_tablespace b WHERE b.oid = c.reltablespace)
      , (SELECT ROW(q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmax, q.seqmin, q.seqcache, q.seqcycle)::text
        FROM pg_sequence q WHERE q.seqrelid = c.oid)
      , (SELECT ROW(v.srvname, f.ftoptions)::text
        FROM pg_foreign_table f JOIN pg_foreign_server v ON v.oid = f.ftserver WHERE f.ftrelid = c.oid))::text
  FROM m JOIN pg_class c ON c.oid = m.objid WHERE m.classid = 'pg_class'::regclass
  UNION ALL
  SELECT m.*, p.oprowner, NULL, NULL, NULL, NULL
    , ROW(p.oprresult::regtype, p.oprcom::regoperator, p.oprnegate::regoperator, p.oprcode, p.oprrest, p.oprjoin)::text
    , ROW(p.oprkind, p.oprcanmerge, p.oprcanhash)::text
  FROM m JOIN pg_operator p ON p.oid = m.objid WHERE m.classid = 'pg_operator'::regclass
  UNION ALL
  SELECT m.*, c.opcowner, NULL, NULL, NULL, NULL
    , ROW(c.opcintype::regtype, c.opckeytype::regtype, f.opfnamespace::regnamespace || '.' || f.opfname)::text, ROW(c.opcdefault)::text
  FROM m JOIN pg_opclass c ON c.oid = m.objid JOIN pg_opfamily f ON f.oid = c.opcfamily WHERE m.classid = 'pg_opclass'::regclass
  UNION ALL
  SELECT m.*, f.opfowner, NULL, NULL, NULL, NULL
    , ROW((SELECT array_agg(ROW(a.amopstrategy, a.amopopr::regoperator
          , (SELECT h.opfnamespace::regnamespace || '.' || h.opfname FROM pg_opfamily h WHERE h.oid = a.amopsortfamily))::text
          ORDER BY a.amopstrategy, a.amopopr::regoperator::text COLLATE "C") FROM pg_amop a WHERE a.amopfamily = f.oid)
      , (SELECT array_agg(ROW(a.amprocnum, a.amproclefttype::regtype, a.amprocrighttype::regtype, a.amproc)::text
          ORDER BY a.amprocnum, a.amproclefttype::regtype::text COLLATE "C", a.amprocrighttype::regtype::text COLLATE "C")
        FROM pg_amproc a WHERE a.amprocfamily = f.oid))::text, NULL
  FROM m JOIN pg_opfamily f ON f.oid = m.objid WHERE m.classid = 'pg_opfamily'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, c.castfunc::oid::regprocedure::text, ROW(c.castcontext, c.castmethod)::text
  FROM m JOIN pg_cast c ON c.oid = m.objid WHERE m.classid = 'pg_cast'::regclass
  UNION ALL
  SELECT m.*, l.lanowner, l.lanacl, 'l', NULL, NULL, ROW(l.lanplcallfoid::regproc, l.laninline::regproc, l.lanvalidator::regproc)::text, ROW(l.lanpltrusted)::text
  FROM m JOIN pg_language l ON l.oid = m.objid WHERE m.classid = 'pg_language'::regclass
  UNION ALL
  SELECT m.*, w.fdwowner, w.fdwacl, 'F', NULL, NULL, ROW(w.fdwhandler::regproc, w.fdwvalidator::regproc)::text, w.fdwoptions::text
  FROM m JOIN pg_foreign_data_wrapper w ON w.oid = m.objid WHERE m.classid = 'pg_foreign_data_wrapper'::regclass
  UNION ALL
  SELECT m.*, v.srvowner, v.srvacl, 'S', NULL, NULL, NULL, ROW(w.fdwname, v.srvtype, v.srvversion, v.srvoptions)::text
  FROM m JOIN pg_foreign_server v ON v.oid = m.objid JOIN pg_foreign_data_wrapper w ON w.oid = v.srvfdw
  WHERE m.classid = 'pg_foreign_server'::regclass
  UNION ALL
  SELECT m.*, n.nspowner, n.nspacl, 'n', NULL, NULL, NULL, NULL
  FROM m JOIN pg_namespace n ON n.oid = m.objid WHERE m.classid = 'pg_namespace'::regclass
  UNION ALL
  SELECT m.*, v.evtowner, NULL, NULL, NULL, NULL, v.evtfoid::regproc::text, ROW(v.evtevent, v.evtenabled, v.evttags)::text
  FROM m JOIN pg_event_trigger v ON v.oid = m.objid WHERE m.classid = 'pg_event_trigger'::regclass
  UNION ALL
  SELECT m.*, c.cfgowner, NULL, NULL, NULL, NULL
    , ROW((SELECT p.prsnamespace::regnamespace || '.' || p.prsname FROM pg_ts_parser p WHERE p.oid = c.cfgparser)
      , (SELECT array_agg(ROW(m.maptokentype, m.mapdict::regdictionary)::text ORDER BY m.maptokentype, m.mapseqno)
        FROM pg_ts_config_map m WHERE m.mapcfg = c.oid))::text, NULL
  FROM m JOIN pg_ts_config c ON c.oid = m.objid WHERE m.classid = 'pg_ts_config'::regclass
  UNION ALL
  SELECT m.*, d.dictowner, NULL, NULL, NULL, NULL, (SELECT m.tmplnamespace::regnamespace || '.' || m.tmplname FROM pg_ts_template m WHERE m.oid = d.dicttemplate), d.dictinitoption
  FROM m JOIN pg_ts_dict d ON d.oid = m.objid WHERE m.classid = 'pg_ts_dict'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, ROW(p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)::text, NULL
  FROM m JOIN pg_ts_parser p ON p.oid = m.objid WHERE m.classid = 'pg_ts_parser'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, ROW(t.tmplinit, t.tmpllexize)::text, NULL
  FROM m JOIN pg_ts_template t ON t.oid = m.objid WHERE m.classid = 'pg_ts_template'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, a.amhandler::text, a.amtype::text
  FROM m JOIN pg_am a ON a.oid = m.objid WHERE m.classid = 'pg_am'::regclass
  UNION ALL
  SELECT m.*, c.collowner, NULL, NULL, NULL, NULL, NULL
    , (to_jsonb(c) - ARRAY['oid', 'collnamespace', 'collowner', 'collversion'])::text
  FROM m JOIN pg_collation c ON c.oid = m.objid WHERE m.classid = 'pg_collation'::regclass
  UNION ALL
  SELECT m.*, c.conowner, NULL, NULL, NULL, NULL, c.conproc::text, ROW(c.conforencoding, c.contoencoding, c.condefault)::text
  FROM m JOIN pg_conversion c ON c.oid = m.objid WHERE m.classid = 'pg_conversion'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, ROW(t.trffromsql::oid::regprocedure, t.trftosql::oid::regprocedure)::text, NULL
  FROM m JOIN pg_transform t ON t.oid = m.objid WHERE m.classid = 'pg_transform'::regclass
  UNION ALL
  SELECT m.*, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM m
  WHERE m.classid NOT IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_class'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass, 'pg_language'::regclass, 'pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass, 'pg_namespace'::regclass, 'pg_event_trigger'::regclass, 'pg_ts_config'::regclass, 'pg_ts_dict'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass, 'pg_am'::regclass, 'pg_collation'::regclass, 'pg_conversion'::regclass, 'pg_transform'::regclass)
) o (classid, objid, extname, extowner, prefix, pattern, owner, acl, acl_type, relation, columns, names, facts)
