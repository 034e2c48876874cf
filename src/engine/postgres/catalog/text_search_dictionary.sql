-- born in: pg_ts_dict
-- changes with: pg_description
-- Text search dictionaries.
SELECT 'text-search-dictionary' AS kind
  , json_build_array(n.nspname, t.dictname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(t.dictowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_ts_dict'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
    , 'template', quote_ident(tn.nspname) || '.' || quote_ident(m.tmplname)
    , 'options', t.dictinitoption
  ))::text AS attributes
FROM pg_ts_dict t
JOIN pg_namespace n ON n.oid = t.dictnamespace
JOIN pg_ts_template m ON m.oid = t.dicttemplate
JOIN pg_namespace tn ON tn.oid = m.tmplnamespace
WHERE t.oid >= 16384 AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_ts_dict'::regclass AND e.deptype = 'e')
