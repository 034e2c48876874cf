-- born in: pg_operator
-- changes with: pg_description
-- Operators. One without a function is a shell, made as the commutator or negator of another.
SELECT 'operator' AS kind
  , json_build_array(n.nspname, concat(o.oprname, '(', CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END
      , ', ', CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END, ')'))::text AS path
  , o.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(o.oprowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_operator'::regclass AND d.objoid = o.oid AND d.objsubid = 0)
    , 'function', nullif(o.oprcode::oid::regprocedure::text, '-')
    , 'result', CASE WHEN o.oprresult <> 0 THEN format_type(o.oprresult, NULL) END
    , 'commutator', nullif(o.oprcom::regoperator::text, '0')
    , 'negator', nullif(o.oprnegate::regoperator::text, '0')
    , 'restrict', nullif(o.oprrest::oid::regprocedure::text, '-')
    , 'join', nullif(o.oprjoin::oid::regprocedure::text, '-')
    , 'merges', nullif(o.oprcanmerge, false)
    , 'hashes', nullif(o.oprcanhash, false)
  ))::text AS attributes
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oid >= 16384
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND o.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_operator'::regclass AND e.deptype = 'e')
