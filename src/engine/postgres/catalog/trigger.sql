-- born in: pg_trigger
-- changes with: pg_constraint pg_description
-- Triggers of tables, views and foreign tables. pg_get_triggerdef is cut after the name and the table is taken out, so that
-- a rename of either leaves the definition alone. Internal triggers are those of constraints: see constraint.sql. Up to
-- version 14 the clones of a row trigger on partitions count as internal, though a user can switch them off.
SELECT CASE c.relkind WHEN 'v' THEN 'view trigger' WHEN 'f' THEN 'foreign-table trigger' ELSE 'table trigger' END AS kind
  , json_build_array(n.nspname, c.relname, t.tgname)::text AS path
  , t.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'constraint', nullif(t.tgconstraint <> 0, false)
    , 'constraint_name', CASE WHEN t.tgconstraint <> 0 THEN
      (SELECT nullif(k.conname, t.tgname) FROM pg_constraint k WHERE k.oid = t.tgconstraint) END
    , 'comment_of_constraint', CASE WHEN t.tgconstraint <> 0 THEN (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = t.tgconstraint AND d.objsubid = 0) END
    , 'definition', replace(substr(g.def, strpos(g.def, ' TRIGGER ') + 10 + length(quote_ident(t.tgname)))
      , ' ON ' || c.oid::regclass::text || ' ', ' ')
    , 'enabled', CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
    , 'of_parent', nullif(t.tgparentid <> 0, false)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_trigger'::regclass AND d.objoid = t.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_get_triggerdef(t.oid, false) g (def)
WHERE (NOT t.tgisinternal
    OR t.tgparentid <> 0 AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = t.tgconstraint AND k.contype <> 't') -- until 14
  )
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_trigger'::regclass AND e.deptype = 'e')
