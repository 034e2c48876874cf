-- born in: pg_aggregate
-- changes with: pg_proc pg_description
-- Aggregates.
SELECT 'aggregate' AS kind
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
    , 'aggregate_kind', CASE a.aggkind WHEN 'o' THEN 'ordered-set' WHEN 'h' THEN 'hypothetical-set' ELSE 'normal' END
    , 'parallel', CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END
    , 'volatility', CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END
    , 'security_definer', nullif(p.prosecdef, false)
    , 'leakproof', nullif(p.proleakproof, false)
    , 'cost', p.procost
    , 'settings', CASE WHEN p.proconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(p.proconfig) o) END
    , 'support', nullif(p.prosupport::oid::regprocedure::text, '-')
    , 'transition_function', nullif(a.aggtransfn::oid::regprocedure::text, '-')
    , 'transition_type', format_type(a.aggtranstype, NULL)
    , 'transition_space', nullif(a.aggtransspace, 0)
    , 'initial_value', a.agginitval
    , 'final_function', nullif(a.aggfinalfn::oid::regprocedure::text, '-')
    , 'final_extra', nullif(a.aggfinalextra, false)
    , 'final_modify', a.aggfinalmodify
    , 'combine_function', nullif(a.aggcombinefn::oid::regprocedure::text, '-')
    , 'serialize_function', nullif(a.aggserialfn::oid::regprocedure::text, '-')
    , 'deserialize_function', nullif(a.aggdeserialfn::oid::regprocedure::text, '-')
    , 'moving_transition_function', nullif(a.aggmtransfn::oid::regprocedure::text, '-')
    , 'moving_inverse_function', nullif(a.aggminvtransfn::oid::regprocedure::text, '-')
    , 'moving_final_function', nullif(a.aggmfinalfn::oid::regprocedure::text, '-')
    , 'moving_final_extra', nullif(a.aggmfinalextra, false)
    , 'moving_final_modify', a.aggmfinalmodify
    , 'moving_transition_type', CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END
    , 'moving_transition_space', nullif(a.aggmtransspace, 0)
    , 'moving_initial_value', a.aggminitval
    , 'sort_operator', nullif(a.aggsortop::regoperator::text, '0')
  ))::text AS attributes
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE a.aggfnoid ::oid >= 16384
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND p.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_proc'::regclass AND e.deptype = 'e')
