-- born in: pg_authid
-- changes with: pg_auth_members pg_db_role_setting pg_shdescription pg_shseclabel
-- Roles (the bootstrap superuser too, not the predefined pg_* roles) with what they are members of. Only a superuser may
-- read pg_authid, so the way in which a password is stored is read by a query inside a function, which runs only where it
-- is allowed. Predefined roles are no objects here, so those that are members of a role stand with it. The verifier itself is not read: it is salted, and differs each time the same password is set.
-- Up to version 15 who granted a membership has no meaning and may even be gone.
-- extension members: a role is a shared object and no extension can own it.
SELECT 'role' AS kind
  , json_build_array(r.rolname)::text AS path
  , r.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'superuser', r.rolsuper
    , 'inherit', r.rolinherit
    , 'create_role', r.rolcreaterole
    , 'create_db', r.rolcreatedb
    , 'login', r.rolcanlogin
    , 'replication', r.rolreplication
    , 'bypass_rls', r.rolbypassrls
    , 'connection_limit', nullif(r.rolconnlimit, -1)
    , 'valid_until', r.rolvaliduntil
    , 'password', CASE WHEN has_table_privilege('pg_authid', 'SELECT') THEN
      substring(query_to_xml(format($q$SELECT CASE WHEN rolpassword LIKE 'SCRAM-SHA-256$%%' THEN 'scram-sha-256'
        WHEN rolpassword LIKE 'md5%%' THEN 'md5' WHEN rolpassword IS NOT NULL THEN 'plain' END AS m
        FROM pg_catalog.pg_authid WHERE oid = %s$q$, r.oid), true, false, '')::text from '<m>([^<]+)</m>') END
    , 'member_of', (SELECT json_agg(g.entry ORDER BY g.name COLLATE "C", g.grantor COLLATE "C") FROM (
      SELECT pg_get_userbyid(m.roleid)::text AS name
        , pg_get_userbyid(m.grantor)::text AS grantor
        , json_build_object('role', pg_get_userbyid(m.roleid), 'admin', m.admin_option
          , 'inherit', m.inherit_option, 'set', m.set_option, 'grantor', pg_get_userbyid(m.grantor) -- since 16
        ) AS entry
      FROM pg_auth_members m WHERE m.member = r.oid) g)
    , 'predefined_members', (SELECT json_agg(p.rolname ORDER BY p.rolname) FROM pg_auth_members m JOIN pg_roles p ON p.oid = m.member
      WHERE m.roleid = r.oid AND p.rolname ~ '^pg_' AND r.oid >= 16384)
    , 'settings', (SELECT CASE WHEN q.setconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(q.setconfig) o) END
      FROM pg_db_role_setting q WHERE q.setdatabase = 0 AND q.setrole = r.oid)
    , 'comment', d.description
    , 'security_labels', (SELECT json_object_agg(l.provider, l.label ORDER BY l.provider) FROM pg_shseclabel l
      WHERE l.classoid = 'pg_authid'::regclass AND l.objoid = r.oid)
  ))::text AS attributes
FROM pg_roles r
LEFT JOIN pg_shdescription d ON d.classoid = 'pg_authid'::regclass AND d.objoid = r.oid
WHERE r.rolname !~ '^pg_'
