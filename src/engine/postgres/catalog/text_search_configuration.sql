-- born in: pg_ts_config
-- changes with: pg_description pg_ts_config_map
-- Text search configurations. A token type has its dictionaries in the order in which they are asked.
SELECT 'text-search-configuration' AS kind
  , json_build_array(n.nspname, c.cfgname)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.cfgowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_ts_config'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'parser', quote_ident(pn.nspname) || '.' || quote_ident(p.prsname)
    , 'mappings', (SELECT json_object_agg(m.alias, m.dictionaries ORDER BY m.alias) FROM (
      SELECT t.alias, json_agg(m.mapdict::regdictionary::text ORDER BY m.mapseqno) AS dictionaries
      FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
      WHERE m.mapcfg = c.oid GROUP BY t.alias) m)
  ))::text AS attributes
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE c.oid >= 16384 AND n.nspname !~ '^pg_(temp_|toast)'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_ts_config'::regclass AND e.deptype = 'e')
