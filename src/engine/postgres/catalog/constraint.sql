-- born in: pg_constraint
-- changes with: pg_attribute pg_class pg_description pg_index pg_trigger
-- Constraints of tables and foreign tables. An index that backs one is part of it. The definition holds no name, since
-- names may be generated, and nothing that another attribute says. Left out: NOT NULL (part of the column) and constraint
-- triggers (see trigger.sql). A foreign key to a partitioned table has further rows, one for each partition of that, as
-- children on its own table: nobody can change them, so they are left out, but for the triggers.
-- trigger_states lists the internal triggers that do not fire as usual, as after DISABLE TRIGGER ALL.
-- How many parents have a constraint follows from them.
WITH RECURSIVE switched (trigger, owner) AS MATERIALIZED (
  SELECT t.oid, t.tgconstraint FROM pg_trigger t WHERE t.tgisinternal AND t.tgenabled <> 'O'
  UNION ALL
  SELECT s.trigger, p.oid FROM switched s JOIN pg_constraint k ON k.oid = s.owner AND k.contype = 'f'
  JOIN pg_constraint p ON p.oid = k.conparentid AND p.conrelid = k.conrelid
)
SELECT CASE c.relkind WHEN 'f' THEN 'foreign-table constraint' ELSE 'table constraint' END AS kind
  , json_build_array(n.nspname, c.relname, k.conname)::text AS path
  , c.oid || '.' || k.oid AS identity
  , json_strip_nulls(json_build_object(
    'type', CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'p' THEN 'primary key'
      WHEN 'u' THEN 'unique' WHEN 'x' THEN 'exclude' ELSE k.contype::text END
    , 'definition', regexp_replace(pg_get_constraintdef(k.oid)
      , '( NO INHERIT)?( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT ENFORCED)?( NOT VALID)?$', '')
    , 'deferrable', nullif(k.condeferrable, false)
    , 'deferred', nullif(k.condeferred, false)
    , 'validated', nullif(k.convalidated, true) -- until 17
    , 'validated', CASE WHEN k.conenforced THEN nullif(k.convalidated, true) END -- since 18
    , 'enforced', nullif(k.conenforced, true) -- since 18
    , 'no_inherit', CASE WHEN k.contype = 'c' THEN nullif(k.connoinherit, false) END
    , 'is_local', CASE WHEN k.contype = 'c' THEN nullif(k.conislocal, true) END
    , 'of_parent', nullif(k.conparentid <> 0, false)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0)
    , 'index_valid', nullif(x.indisvalid, true)
    , 'replica_identity', nullif(x.indisreplident, false)
    , 'clustered', nullif(x.indisclustered, false)
    , 'tablespace', CASE WHEN ic.reltablespace <> 0 THEN (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = ic.reltablespace) END
    , 'storage_parameters', CASE WHEN ic.reloptions IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(ic.reloptions) o) END
    , 'comment_of_index', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_class'::regclass AND d.objoid = x.indexrelid AND d.objsubid = 0)
    , 'statistics_target', CASE WHEN k.contype = 'x' AND x.indexprs IS NOT NULL THEN
      (SELECT json_object_agg(a.attnum, a.attstattarget ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = x.indexrelid AND a.attstattarget >= 0) END
    , 'trigger_states', CASE WHEN k.oid IN (SELECT s.owner FROM switched s) THEN
      (SELECT json_agg(concat(p.proname, ' on ', t.tgrelid::regclass, ': ', CASE t.tgenabled
          WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END)
        ORDER BY p.proname, t.tgrelid::regclass::text COLLATE "C", t.tgenabled)
      FROM switched s JOIN pg_trigger t ON t.oid = s.trigger JOIN pg_proc p ON p.oid = t.tgfoid
      WHERE s.owner = k.oid) END
  ))::text AS attributes
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class ic ON ic.oid = x.indexrelid
WHERE k.oid >= (SELECT 16384::oid) AND k.contype NOT IN ('n', 't')
  AND NOT (k.contype = 'f' AND k.conparentid <> 0
    AND EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid))
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND k.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_constraint'::regclass AND e.deptype = 'e')
  AND c.oid = ANY (ARRAY(SELECT relation FROM relations)) -- of relations
