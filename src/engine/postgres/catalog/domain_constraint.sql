-- born in: pg_constraint
-- changes with: pg_description
-- Checks of domains; NOT NULL is part of the domain.
SELECT 'domain constraint' AS kind
  , json_build_array(n.nspname, t.typname, k.conname)::text AS path
  , k.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'type', 'check'
    , 'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
    , 'validated', nullif(k.convalidated, true)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_constraint'::regclass AND d.objoid = k.oid AND d.objsubid = 0)
  ))::text AS attributes
FROM pg_constraint k
JOIN pg_type t ON t.oid = k.contypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE k.contypid >= 16384 AND k.contype = 'c' AND n.nspname !~ '^pg_(temp_|toast)'
  AND t.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_type'::regclass AND e.deptype = 'e')
