-- born in: pg_description
-- changes with: pg_proc pg_type
-- What other objects bring along and no other file reads: the row type of a relation, array types, multirange types, the
-- constructors of a range type and its casts to its multirange. Only what was done to one of them since is told; they are
-- made without comment, the constructors as the bootstrap superuser's (oid 10) at the cost of 1. New rows of pg_type and
-- pg_proc hold none of that yet.
-- extension members: what they bring along is told like everybody's; scripts of extensions do nothing to it.
SELECT 'implied-object' AS kind
  , json_build_array(pg_describe_object(o.classid, o.oid, 0))::text AS path
  , o.classid || '.' || o.oid AS identity
  , json_strip_nulls(json_build_object(
    'owner', CASE WHEN o.owner <> 10 THEN pg_get_userbyid(o.owner) END
    , 'privileges', CASE WHEN o.acl_changed THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(o.acl) i) END
    , 'comment', d.description
    , 'definition', o.definition
  ))::text AS attributes
FROM (
  SELECT 'pg_type'::regclass::oid AS classid, t.oid, NULL::oid AS owner, t.typacl AS acl
    , t.typacl IS NOT NULL AND NOT (t.typacl @> acldefault('T', t.typowner) AND t.typacl <@ acldefault('T', t.typowner)) AS acl_changed
    , NULL::json AS definition
  FROM pg_type t
  WHERE t.oid >= 16384 AND (t.typelem <> 0 AND t.typcategory = 'A' OR t.typtype = 'm'
    OR t.typtype = 'c' AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    AND t.typnamespace NOT IN (SELECT n.oid FROM pg_namespace n WHERE n.nspname ~ '^pg_(temp_|toast)')
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, p.proowner, p.proacl
    , p.proacl IS NOT NULL AND NOT (p.proacl @> acldefault('f', p.proowner) AND p.proacl <@ acldefault('f', p.proowner))
    , CASE WHEN p.procost <> 1 OR p.provolatile <> 'i' OR p.proparallel <> 's' OR p.prosecdef OR p.proleakproof
        OR p.proconfig IS NOT NULL OR p.prosupport <> 0 OR p.proisstrict <> (p.prosrc ~ '^multi')
      THEN json_build_object('cost', p.procost, 'volatility', p.provolatile, 'parallel', p.proparallel, 'security_definer', p.prosecdef
        , 'leakproof', p.proleakproof, 'settings', p.proconfig, 'support', nullif(p.prosupport::oid::regprocedure::text, '-')
        , 'strict', p.proisstrict) END
  FROM pg_proc p
  WHERE p.oid >= (SELECT 16384::oid) AND p.prolang = 12 AND EXISTS (SELECT FROM pg_depend i
    WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.refclassid = 'pg_type'::regclass AND i.deptype = 'i')
  UNION ALL
  SELECT 'pg_cast'::regclass, c.oid, NULL, NULL, false, NULL FROM pg_cast c
  WHERE c.oid >= 16384 AND EXISTS (SELECT FROM pg_depend i
    WHERE i.classid = 'pg_cast'::regclass AND i.objid = c.oid AND i.refclassid = 'pg_type'::regclass AND i.deptype = 'i')
) o
LEFT JOIN pg_description d ON d.objoid = o.oid AND d.classoid = o.classid AND d.objsubid = 0
WHERE (d.description IS NOT NULL OR o.acl_changed OR o.owner <> 10 OR o.definition IS NOT NULL)
