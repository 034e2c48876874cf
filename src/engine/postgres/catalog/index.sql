-- born in: pg_index
-- changes with: pg_attribute pg_class pg_constraint pg_description
-- Indexes of tables and materialized views that back no constraint (those are part of theirs). No attribute holds the name,
-- since names may be generated and indexes are matched by what they are. A column's operator class is shown when it is not
-- the default of its type; where it is that of a type which the column's can be read as (text for citext), it is shown when
-- the column's own type has another (hash, access method 405, keeps its codes and not the column's type). Its collation is
-- shown when it is not that of the database (oid 100), so that the table's column need not be read; its sort order is in
-- indoption: 1 is DESC, 2 is NULLS FIRST. About the odd conditions on oids see column.sql.
SELECT CASE c.relkind WHEN 'm' THEN 'materialized-view index' ELSE 'table index' END AS kind
  , json_build_array(n.nspname, c.relname, ic.relname)::text AS path
  , c.oid || '.' || ic.oid AS identity
  , json_strip_nulls(json_build_object(
    'method', CASE ic.relam WHEN 403 THEN 'btree' ELSE (SELECT am.amname FROM pg_am am WHERE am.oid = ic.relam) END
    , 'unique', x.indisunique
    , 'nulls_not_distinct', nullif(x.indnullsnotdistinct, false) -- since 15
    , 'columns', to_json(ARRAY(SELECT concat(pg_get_indexdef(x.indexrelid, a.attnum, false)
        , CASE WHEN a.attcollation NOT IN (0, 100) THEN ' COLLATE ' || a.attcollation::regcollation END
        , CASE WHEN a.attoptions IS NOT NULL OR x.indclass[a.attnum - 1] NOT IN (SELECT o.oid FROM pg_opclass o WHERE o.opcdefault)
            OR (a.atttypid, x.indclass[a.attnum - 1]) NOT IN (SELECT o.opcintype, o.oid FROM pg_opclass o WHERE o.opcdefault)
              AND EXISTS (SELECT FROM pg_opclass o JOIN pg_type t ON t.oid = CASE WHEN x.indkey[a.attnum - 1] <> 0 THEN
                  (SELECT h.atttypid FROM pg_attribute h WHERE h.attrelid = x.indrelid AND h.attnum = x.indkey[a.attnum - 1])
                  WHEN ic.relam <> 405 THEN a.atttypid END
                JOIN pg_opclass d ON d.opcmethod = o.opcmethod AND d.opcdefault
                  AND d.opcintype = CASE t.typbasetype WHEN 0 THEN t.oid ELSE t.typbasetype END
                WHERE o.oid = x.indclass[a.attnum - 1] AND o.opckeytype = 0 AND d.oid <> o.oid)
          THEN (SELECT concat(' ', o.opcnamespace::regnamespace, '.', quote_ident(o.opcname), ' (' || array_to_string(a.attoptions, ', ') || ')')
            FROM pg_opclass o WHERE o.oid = x.indclass[a.attnum - 1]) END
        , CASE x.indoption[a.attnum - 1] & 3 WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' END)
      FROM pg_attribute a WHERE a.attrelid = x.indexrelid AND a.attnum BETWEEN 1 AND x.indnkeyatts ORDER BY a.attnum))
    , 'include', CASE WHEN x.indnatts > x.indnkeyatts THEN
      (SELECT json_agg(pg_get_indexdef(x.indexrelid, p, false) ORDER BY p)
        FROM generate_series(x.indnkeyatts + 1, x.indnatts) p) END
    , 'predicate', pg_get_expr(x.indpred, x.indrelid)
    , 'valid', nullif(x.indisvalid, true)
    , 'ready', nullif(x.indisready, true)
    , 'live', nullif(x.indislive, true)
    , 'of_parent', nullif(ic.relispartition, false)
    , 'replica_identity', nullif(x.indisreplident, false)
    , 'clustered', nullif(x.indisclustered, false)
    , 'tablespace', CASE WHEN ic.reltablespace <> 0 THEN (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = ic.reltablespace) END
    , 'storage_parameters', CASE WHEN ic.reloptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(ic.reloptions) o) END
    , 'statistics_target', CASE WHEN x.indexprs IS NOT NULL THEN
      (SELECT json_object_agg(a.attnum, a.attstattarget ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = x.indexrelid AND a.attstattarget >= 0) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = ic.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_index x
JOIN pg_class ic ON ic.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE x.indexrelid >= (SELECT 16384::oid) AND c.relkind IN ('r', 'p', 'm')
  AND x.indexrelid NOT IN (SELECT k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x'))
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND ic.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_class'::regclass AND e.deptype = 'e')
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
