-- One row for each system catalog whose rows are objects (it has a column oid): its name, whether all databases share it, and
-- a query that reads its objects knowing nothing but the types of its columns. Columns that hold the oid of something are
-- told by what they refer to, others that hold an oid not at all; expressions by a checksum of their tree without oids and
-- positions; transaction and log positions are state. Objects that the server describes alike are numbered.
WITH refers (catalog, attribute, target) AS (
  SELECT k.fktable, k.fkcols[1], k.pktable FROM pg_get_catalog_foreign_keys() k WHERE cardinality(k.fkcols) = 1 -- since 14
  SELECT NULL::regclass, NULL::text, NULL::regclass WHERE false -- until 13
)
SELECT c.relname::text, c.relisshared, format($query$-- born in: %1$s
-- changes with: pg_depend pg_description
SELECT 'opaque-object' AS kind
  , json_build_array(concat(n.name, nullif(concat(' #', row_number() OVER (PARTITION BY n.name ORDER BY o.oid)), ' #1')))::text AS path
  , concat(%3$s, '.', o.oid) AS identity
  , json_strip_nulls(json_build_object(%5$s'comment', (SELECT d.description FROM %6$s d
      WHERE d.classoid = %3$s AND d.objoid = o.oid %7$s)))::text AS attributes
FROM %1$I o
CROSS JOIN LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM %2$s d WHERE d.classid = %3$s AND d.objid = o.oid)
  THEN pg_describe_object(%3$s, o.oid, 0) ELSE concat(%1$L, ' ', coalesce(%4$s, o.oid::text)) END) n (name)
WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = %3$s AND e.objid = o.oid AND e.deptype = 'e')
$query$
  , c.relname
  , CASE WHEN c.relisshared THEN 'pg_shdepend' ELSE 'pg_depend' END
  , c.oid
  , coalesce((SELECT format('o.%I::text', a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.atttypid = 'name'::regtype ORDER BY a.attnum LIMIT 1), 'NULL')
  , (SELECT coalesce(string_agg(CASE
        WHEN a.atttypid = 'aclitem[]'::regtype THEN format($$'privileges', (SELECT json_agg(i::text ORDER BY i::text COLLATE "C") FROM unnest(o.%I) i)$$, a.attname)
        WHEN r.target = 'pg_authid'::regclass AND a.atttypid = 'oid'::regtype THEN format('%L, pg_get_userbyid(o.%I)', CASE WHEN a.attname ~ 'owner$' THEN 'owner' ELSE a.attname END, a.attname)
        WHEN a.atttypid = 'oid'::regtype THEN format('%1$L, CASE WHEN o.%1$I <> 0 THEN pg_describe_object(%2$s, o.%1$I, 0) END', a.attname, r.target::oid)
        WHEN a.atttypid IN ('oid[]'::regtype, 'oidvector'::regtype) THEN
          format('%1$L, (SELECT json_agg(pg_describe_object(%2$s, i, 0)) FROM unnest(o.%1$I) i WHERE i <> 0)', a.attname, r.target::oid)
        WHEN a.atttypid = 'pg_node_tree'::regtype THEN
          format($$%1$L, 'checksum ' || left(encode(sha256(convert_to(regexp_replace(o.%1$I::text, ':(location|stmt_\w+|opno|\w*(id|type|oid|coll)) -?\d+', '', 'g'), 'UTF8')), 'hex'), 12)$$, a.attname)
        ELSE format('%1$L, o.%1$I', a.attname) END, ', ' ORDER BY a.attnum) || ', ', '')
      FROM pg_attribute a LEFT JOIN refers r ON r.catalog = c.oid AND r.attribute = a.attname
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'oid'
        AND a.atttypid NOT IN ('xid'::regtype, 'pg_lsn'::regtype)
        AND (r.target IS NOT NULL OR a.atttypid NOT IN ('oid'::regtype, 'oid[]'::regtype, 'oidvector'::regtype)))
  , CASE WHEN c.relisshared THEN 'pg_shdescription' ELSE 'pg_description' END
  , CASE WHEN c.relisshared THEN '' ELSE 'AND d.objsubid = 0' END)
FROM pg_class c
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'oid')
ORDER BY c.relname
