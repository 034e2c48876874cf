-- born in: pg_statistic_ext
-- changes with: pg_attribute pg_class pg_description
-- Extended statistics. Kinds and columns are sets: both are shown in one order.
SELECT 'statistics' AS kind
  , json_build_array(n.nspname, s.stxname)::text AS path
  , s.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(s.stxowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_statistic_ext'::regclass AND d.objoid = s.oid AND d.objsubid = 0)
    , 'table', s.stxrelid::regclass::text
    , 'kinds', (SELECT json_agg(k.name ORDER BY k.name) FROM (
      SELECT CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' WHEN 'm' THEN 'mcv' WHEN 'e' THEN 'expressions'
        ELSE k::text END FROM unnest(s.stxkind) k) k (name))
    , 'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM unnest(s.stxkeys) k
      JOIN pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k)
    , 'expressions', to_json(pg_get_statisticsobjdef_expressions(s.oid)) -- since 14
    , 'statistics_target', CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END
  ))::text AS attributes
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE s.oid >= 16384
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND s.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_statistic_ext'::regclass AND e.deptype = 'e')
