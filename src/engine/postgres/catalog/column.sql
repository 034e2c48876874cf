-- born in: pg_attribute
-- changes with: pg_attrdef pg_class pg_constraint pg_depend pg_description pg_sequence
-- Columns of tables, foreign tables, views and materialized views: one file, since they are one catalog. It has by far the
-- most rows, so the object is put together as text, which costs a third of json_strip_nulls(json_build_object()).
-- Position is not read (column_order of the table tells it), nor is the value that ADD COLUMN gave to old rows.
-- How many parents have a column follows from them, and a partition has no column of its own.
-- The sequence of an identity column is part of its column. Since version 18 NOT NULL is a constraint with a name.
-- The plan is made once, perhaps on an empty database whose statistics know nothing of user objects. "oid >= (SELECT ...)"
-- makes the planner expect a third of the rows instead of one, and what hangs on a row is looked up by an index in a
-- subquery, so that no plan can become quadratic when the schema grows.
SELECT CASE c.relkind WHEN 'v' THEN 'view column' WHEN 'm' THEN 'materialized-view column'
    WHEN 'f' THEN 'foreign-table column' ELSE 'table column' END AS kind
  , json_build_array(n.nspname, c.relname, a.attname)::text AS path
  , a.attrelid || '.' || a.attnum AS identity
  , concat('{"type":', to_json(format_type(a.atttypid, a.atttypmod))
    , CASE WHEN c.relkind NOT IN ('v', 'm') THEN ',"not_null":' || a.attnotnull::text END
    , CASE WHEN a.atthasdef THEN
        (SELECT CASE a.attgenerated WHEN '' THEN concat(',"default":', to_json(pg_get_expr(f.adbin, f.adrelid)))
            ELSE concat(',"generated":', json_build_object('kind', CASE a.attgenerated WHEN 's' THEN 'stored' ELSE 'virtual' END
              , 'expression', pg_get_expr(f.adbin, f.adrelid))) END
          FROM pg_attrdef f WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum) END
    , CASE WHEN a.attidentity <> '' THEN
        (SELECT concat(',"identity":', json_build_object('kind', CASE a.attidentity WHEN 'a' THEN 'always' ELSE 'by default' END
            , 'start', s.seqstart, 'increment', s.seqincrement, 'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache
            , 'cycle', s.seqcycle)
          , CASE WHEN s.seqtypid <> a.atttypid THEN ',"type_of_identity_sequence":' || to_json(format_type(s.seqtypid, NULL)) END
          , CASE WHEN sc.relpersistence <> c.relpersistence THEN ',"persistence_of_identity_sequence":'
            || CASE sc.relpersistence WHEN 'u' THEN '"unlogged"' ELSE '"permanent"' END END
          , ',"identity_sequence_name":', to_json(sc.relname)
          , ',"comment_of_identity_sequence":' || to_json((SELECT d.description FROM pg_description d
            WHERE d.classoid = 'pg_class'::regclass AND d.objoid = sc.oid AND d.objsubid = 0))
          , ',"privileges_of_identity_sequence":' || CASE WHEN sc.relacl IS NOT NULL AND NOT (sc.relacl @> acldefault('s', sc.relowner) AND sc.relacl <@ acldefault('s', sc.relowner))
            THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(sc.relacl) i) END)
        FROM pg_depend o
        JOIN pg_sequence s ON s.seqrelid = o.objid
        JOIN pg_class sc ON sc.oid = o.objid
        WHERE o.refclassid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
          AND o.classid = 'pg_class'::regclass AND o.deptype = 'i') END
    , CASE WHEN a.attcollation <> t.typcollation THEN ',"collation":' || to_json(a.attcollation::regcollation::text) END
    , CASE WHEN c.oid IN (SELECT d.objoid FROM pg_description d
          WHERE d.objoid >= (SELECT 16384::oid) AND d.classoid = 'pg_class'::regclass AND d.objsubid > 0) THEN
        (SELECT concat(',"comment":', to_json(d.description)) FROM pg_description d
          WHERE d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum) END
    , ',"privileges":' || CASE WHEN cardinality(a.attacl) > 0 THEN
        (SELECT json_agg(i::text ORDER BY i::text COLLATE "C") FROM unnest(a.attacl) i) END
    , CASE WHEN NOT a.attislocal AND NOT c.relispartition THEN ',"is_local":false' END
    , CASE WHEN a.attstorage <> t.typstorage THEN ',"storage":' || CASE a.attstorage WHEN 'p' THEN '"plain"'
        WHEN 'e' THEN '"external"' WHEN 'm' THEN '"main"' ELSE '"extended"' END END
    , CASE a.attcompression WHEN 'p' THEN ',"compression":"pglz"' WHEN 'l' THEN ',"compression":"lz4"' END -- since 14
    , ',"statistics_target":' || nullif(a.attstattarget, -1)
    , ',"attribute_options":' || CASE WHEN a.attoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver=') END
    , ',"options":' || CASE WHEN a.attfdwoptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attfdwoptions) o) END
    , CASE WHEN a.attnotnull THEN -- since 18
        (SELECT concat(',"not_null_constraint_name":', to_json(nn.conname) -- since 18
          , CASE WHEN NOT nn.convalidated THEN ',"not_null_validated":false' END -- since 18
          , CASE WHEN nn.connoinherit THEN ',"not_null_no_inherit":true' END -- since 18
          , CASE WHEN NOT nn.conislocal THEN ',"not_null_is_local":false' END -- since 18
          , ',"comment_of_not_null":' || to_json((SELECT d.description FROM pg_description d -- since 18
            WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = nn.oid AND d.objsubid = 0))) -- since 18
        FROM pg_constraint nn -- since 18
        WHERE nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum) END -- since 18
    , '}') AS attributes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.oid >= (SELECT 16384::oid) AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attrelid >= (SELECT 16384::oid)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
