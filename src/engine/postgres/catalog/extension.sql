-- born in: pg_extension
-- changes with: pg_description pg_foreign_data_wrapper pg_init_privs pg_language pg_namespace pg_proc
-- Extensions stand for all that they own: every other file leaves out objects with deptype = 'e'. What a user can do to
-- these objects is summed up here. members counts them per catalog (ALTER EXTENSION ADD, DROP). member_functions is a
-- checksum that needs no order and holds no oid, so that a function altered in place shows and one made anew does not.
-- privileges_of_members lists what differs from those at creation (pg_init_privs), as pg_dump does. dependents are the
-- objects that go with the extension by DEPENDS ON EXTENSION (deptype 'x').
-- plpgsql is older than oid 16384, so oids are not limited here.
SELECT 'extension' AS kind
  , json_build_array(x.extname)::text AS path
  , x.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'version', x.extversion
    , 'schema', n.nspname
    , 'owner', pg_get_userbyid(x.extowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_extension'::regclass AND d.objoid = x.oid AND d.objsubid = 0)
    , 'members', s.members
    , 'member_functions', s.functions
    , 'owner_of_members', s.owners
    , 'comment_of_members', s.comments
    , 'privileges_of_members', s.privileges
    , 'dependents', (SELECT json_agg(i.identity ORDER BY i.identity COLLATE "C") FROM (
      SELECT pg_describe_object(o.classid, o.objid, o.objsubid) FROM pg_depend o
      WHERE o.refclassid = 'pg_extension'::regclass AND o.refobjid = x.oid AND o.deptype = 'x') i (identity))
  ))::text AS attributes
FROM pg_extension x
JOIN pg_namespace n ON n.oid = x.extnamespace
LEFT JOIN (
  SELECT g.extension
    , json_object_agg(g.name, g.members ORDER BY g.name COLLATE "C") FILTER (WHERE g.what = 'm') AS members
    , json_object_agg(g.name, g.members ORDER BY g.name COLLATE "C") FILTER (WHERE g.what = 'o') AS owners
    , max('checksum ' || g.functions) FILTER (WHERE g.name = 'pg_proc') AS functions
    , max('checksum ' || g.comments) FILTER (WHERE g.what = 'a') AS comments
    , min(g.privileges::text) FILTER (WHERE g.what = 'a')::json AS privileges
  FROM (
    SELECT m.extension
      , CASE WHEN GROUPING(m.classid) = 0 THEN 'm' WHEN GROUPING(m.owner) = 0 THEN 'o' ELSE 'a' END AS what
      , coalesce(m.classid::regclass::text, m.owner) AS name
      , count(*) AS members
      , sum(m.checksum) AS functions
      , sum(m.comment) AS comments
      , json_agg(m.privileges ORDER BY m.privileges COLLATE "C") FILTER (WHERE m.privileges IS NOT NULL) AS privileges
    FROM (
      SELECT e.refobjid AS extension, e.classid, pg_get_userbyid(o.owner)::text AS owner
        , CASE WHEN p.oid IS NOT NULL THEN hashtextextended(concat_ws('|', p.proname, p.pronargs, p.procost, p.prorows, p.provolatile
          , p.proparallel, p.proisstrict, p.prosecdef, p.proleakproof, p.proretset, p.prosrc, p.proconfig), 0) END AS checksum
        , (SELECT sum(hashtextextended(d.description, d.objsubid)) FROM pg_description d
          WHERE d.classoid = e.classid AND d.objoid = e.objid) AS comment
        , CASE WHEN o.acl IS NOT NULL THEN
          (SELECT concat(pg_describe_object(e.classid, e.objid, 0), ': '
              , (SELECT string_agg(i::text, ', ' ORDER BY i::text COLLATE "C") FROM unnest(o.acl) i))
            FROM (SELECT coalesce((SELECT r.initprivs FROM pg_init_privs r
              WHERE r.classoid = e.classid AND r.objoid = e.objid AND r.objsubid = 0), acldefault(o.type, o.owner))) b (acl)
            WHERE NOT (o.acl @> b.acl AND o.acl <@ b.acl)) END AS privileges
      FROM pg_depend e
      LEFT JOIN pg_proc p ON e.classid = 'pg_proc'::regclass AND p.oid = e.objid
      LEFT JOIN pg_class c ON e.classid = 'pg_class'::regclass AND c.oid = e.objid
      LEFT JOIN pg_type t ON e.classid = 'pg_type'::regclass AND t.oid = e.objid
      LEFT JOIN pg_namespace s ON e.classid = 'pg_namespace'::regclass AND s.oid = e.objid
      LEFT JOIN pg_language l ON e.classid = 'pg_language'::regclass AND l.oid = e.objid
      LEFT JOIN pg_foreign_data_wrapper w ON e.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = e.objid
      CROSS JOIN LATERAL (SELECT coalesce(p.proowner, c.relowner, t.typowner, s.nspowner, l.lanowner, w.fdwowner)
        , coalesce(p.proacl, c.relacl, t.typacl, s.nspacl, l.lanacl, w.fdwacl)
        , CASE WHEN p.oid IS NOT NULL THEN 'f' WHEN c.relkind = 'S' THEN 's' WHEN c.oid IS NOT NULL THEN 'r'
          WHEN t.oid IS NOT NULL THEN 'T' WHEN s.oid IS NOT NULL THEN 'n' WHEN l.oid IS NOT NULL THEN 'l' ELSE 'F' END::"char"
      ) o (owner, acl, type)
      WHERE e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e'
    ) m
    GROUP BY m.extension, GROUPING SETS ((m.classid), (m.owner), ())
  ) g
  WHERE g.name IS NOT NULL OR g.what = 'a'
  GROUP BY g.extension
) s ON s.extension = x.oid
