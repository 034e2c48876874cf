-- born in: pg_publication
-- changes with: pg_description pg_publication_namespace pg_publication_rel
-- Publications with the tables and schemas in them. An empty list of tables is shown too, so that the last one dropped is
-- not mistaken for nothing.
SELECT 'publication' AS kind
  , json_build_array(p.pubname)::text AS path
  , p.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(p.pubowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_publication'::regclass AND d.objoid = p.oid AND d.objsubid = 0)
    , 'all_tables', p.puballtables
    , 'publish', array_to_string(ARRAY[CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END
      , CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], ', ')
    , 'via_partition_root', p.pubviaroot
    , 'generated_columns', CASE p.pubgencols WHEN 's' THEN 'stored' ELSE 'none' END -- since 18
    , 'tables', (SELECT coalesce(json_agg(m.entry ORDER BY m.name COLLATE "C"), '[]') FROM (
      SELECT r.prrelid::regclass::text AS name
        , json_build_object('table', r.prrelid::regclass::text
          , 'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM unnest(r.prattrs) k -- since 15
            JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = k) -- since 15
          , 'where', pg_get_expr(r.prqual, r.prrelid) -- since 15
        ) AS entry
      FROM pg_publication_rel r WHERE r.prpubid = p.oid) m)
    , 'schemas', (SELECT coalesce(json_agg(n.nspname ORDER BY n.nspname), '[]') FROM pg_publication_namespace pn -- since 15
      JOIN pg_namespace n ON n.oid = pn.pnnspid WHERE pn.pnpubid = p.oid) -- since 15
  ))::text AS attributes
FROM pg_publication p
WHERE p.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_publication'::regclass AND e.deptype = 'e')
