-- born in: pg_attribute
-- changes with: pg_class pg_description
-- What can be said of columns that nobody made: privileges and comments of system columns such as ctid, and privileges of the
-- three columns of a sequence. A column without any is none of ours.
SELECT CASE c.relkind WHEN 'S' THEN 'sequence column' WHEN 'm' THEN 'materialized-view column'
    WHEN 'f' THEN 'foreign-table column' ELSE 'table column' END AS kind
  , json_build_array(n.nspname, c.relname, a.attname)::text AS path
  , a.attrelid || '.' || a.attnum AS identity
  , json_strip_nulls(json_build_object(
    'comment', d.description
    , 'privileges', CASE WHEN cardinality(a.attacl) > 0 THEN (SELECT json_agg(i::text ORDER BY i::text COLLATE "C") FROM unnest(a.attacl) i) END
  ))::text AS attributes
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
WHERE a.attrelid >= (SELECT 16384::oid) AND (c.relkind = 'S' OR a.attnum < 0 AND c.relkind IN ('r', 'p', 'f', 'm'))
  AND (cardinality(a.attacl) > 0 OR d.description IS NOT NULL)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
