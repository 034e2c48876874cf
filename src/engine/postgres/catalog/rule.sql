-- born in: pg_rewrite
-- changes with: pg_attribute pg_class pg_description
-- Rewrite rules, except the one that makes a view a view. The definition is cut after the name and
-- without the table's, so that a rename of either leaves it alone.
SELECT CASE c.relkind WHEN 'v' THEN 'view rule' WHEN 'm' THEN 'materialized-view rule' WHEN 'f' THEN 'foreign-table rule'
    ELSE 'table rule' END AS kind
  , json_build_array(n.nspname, c.relname, r.rulename)::text AS path
  , r.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'definition', CASE WHEN strpos(d.text, ' TO ' || d.name) = 0 THEN d.text
      ELSE overlay(d.text PLACING '' FROM strpos(d.text, ' TO ' || d.name) FOR length(' TO ' || d.name)) END
    , 'enabled', CASE r.ev_enabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_rewrite'::regclass AND d.objoid = r.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (SELECT substr(pg_get_ruledef(r.oid), length('CREATE RULE  AS') + 1 + length(quote_ident(r.rulename)))
  , c.oid::regclass::text) d (text, name)
WHERE r.oid >= 16384 AND r.rulename <> '_RETURN'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND r.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_rewrite'::regclass AND e.deptype = 'e')
