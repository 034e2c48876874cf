-- born in: pg_proc
-- changes with: pg_attribute pg_class pg_description
-- Functions (window functions too) and procedures. Attributes instead of pg_get_functiondef: they hold no name, say what
-- changed, and cost less. The path has the types of the input arguments, which are what makes a function unique.
-- The constructors that a range type brings along depend on it internally; what can be done to them is told in implied.sql.
-- A function in pg_catalog is read like any other: those of initdb have lower oids.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind
  , json_build_array(n.nspname, p.proname || '(' || oidvectortypes(p.proargtypes) || ')')::text AS path
  , p.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(p.proowner)
    , 'privileges', CASE WHEN p.proacl IS NOT NULL AND NOT (p.proacl @> acldefault('f', p.proowner) AND p.proacl <@ acldefault('f', p.proowner))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(p.proacl) i) END
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_proc'::regclass AND d.objoid = p.oid AND d.objsubid = 0)
    , 'arguments', pg_get_function_arguments(p.oid)
    , 'result', pg_get_function_result(p.oid)
    , 'language', l.lanname
    , 'window', nullif(p.prokind = 'w', false)
    , 'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END
    , 'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END
    , 'strict', p.proisstrict
    , 'security_definer', p.prosecdef
    , 'leakproof', p.proleakproof
    , 'cost', p.procost
    , 'rows', CASE WHEN p.proretset THEN p.prorows END
    , 'support', nullif(p.prosupport::oid::regprocedure::text, '-')
    , 'settings', CASE WHEN p.proconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(p.proconfig) o) END
    , 'transforms', (SELECT json_agg(format_type(o, NULL) ORDER BY format_type(o, NULL) COLLATE "C") FROM unnest(p.protrftypes) o)
    , 'body', p.prosrc
    , 'sql_body', CASE WHEN p.prosqlbody IS NOT NULL THEN pg_get_function_sqlbody(p.oid) END -- since 14
    , 'library', p.probin
  ))::text AS attributes
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.oid >= (SELECT 16384::oid) AND p.prokind <> 'a'
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND p.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_proc'::regclass AND e.deptype = 'e')
  AND NOT (p.prolang = 12 AND EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid
    AND i.refclassid = 'pg_type'::regclass AND i.deptype = 'i'))
