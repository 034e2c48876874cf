-- What outlives a database, one line each: what it is, the statements that give it this state again on a server of our own
-- (what stands behind `--` there is only compared), and the statement that takes it away. Databases whose names begin with
-- the prefix are Rollproof's own. A password is read where that is allowed.
WITH objects (classoid, objoid, what, sql) AS (
  SELECT 'pg_catalog.pg_authid'::pg_catalog.regclass::oid, r.oid, 'role ' || r.rolname, format('ROLE %I', r.rolname)
  FROM pg_catalog.pg_roles r
  UNION ALL
  SELECT 'pg_catalog.pg_tablespace'::pg_catalog.regclass, t.oid, 'tablespace ' || t.spcname, format('TABLESPACE %I', t.spcname)
  FROM pg_catalog.pg_tablespace t
  UNION ALL
  SELECT 'pg_catalog.pg_database'::pg_catalog.regclass, b.oid, 'database ' || b.datname, format('DATABASE %I', b.datname)
  FROM pg_catalog.pg_database b WHERE b.datname !~ '^rollproof'
)
SELECT 'role ' || r.rolname AS what
  , format('UPDATE pg_catalog.pg_authid SET rolsuper = %L, rolinherit = %L, rolcreaterole = %L, rolcreatedb = %L, '
    'rolcanlogin = %L, rolreplication = %L, rolbypassrls = %L, rolconnlimit = %L, rolvaliduntil = %L%s WHERE rolname = %L'
    , r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls
    , r.rolconnlimit, r.rolvaliduntil
    , (SELECT format(', rolpassword = %L', a.rolpassword) FROM pg_catalog.pg_authid a WHERE a.oid = r.oid) -- seeing passwords
    , '' -- not seeing passwords
    , r.rolname) AS put_back
  , NULL AS undo
FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_'
UNION ALL
SELECT 'tablespace ' || t.spcname
  , format('ALTER TABLESPACE %I OWNER TO %I -- %s %s', t.spcname, pg_catalog.pg_get_userbyid(t.spcowner), t.spcacl, t.spcoptions), NULL
FROM pg_catalog.pg_tablespace t
UNION ALL
SELECT 'database ' || b.datname
  , format('ALTER DATABASE %I OWNER TO %I -- %s %s %s %s %s', b.datname, pg_catalog.pg_get_userbyid(b.datdba), b.datacl
    , b.datconnlimit, b.datallowconn, b.datistemplate, b.dattablespace), NULL
FROM pg_catalog.pg_database b WHERE b.datname !~ '^rollproof'
UNION ALL
SELECT format('the membership of %s in %s', m.member::pg_catalog.regrole, m.roleid::pg_catalog.regrole)
    || format(', granted by %s', pg_catalog.pg_get_userbyid(m.grantor)) -- since 16
  , format('GRANT %s TO %s WITH ADMIN %s, INHERIT %s, SET %s GRANTED BY %I', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole -- since 16
    , m.admin_option, m.inherit_option, m.set_option, pg_catalog.pg_get_userbyid(m.grantor)) -- since 16
  , format('REVOKE %s FROM %s GRANTED BY %I CASCADE', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole, pg_catalog.pg_get_userbyid(m.grantor)) -- since 16
  , format('GRANT %s TO %s%s', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole, CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' END) -- until 15
  , format('REVOKE %s FROM %s', m.roleid::pg_catalog.regrole, m.member::pg_catalog.regrole) -- until 15
FROM pg_catalog.pg_auth_members m WHERE pg_catalog.pg_get_userbyid(m.member) !~ '^pg_'
UNION ALL
SELECT concat('the settings of ', CASE s.setrole WHEN 0 THEN 'all roles' ELSE 'role ' || pg_catalog.pg_get_userbyid(s.setrole) END
    , ' in database ' || b.datname)
  , format('INSERT INTO pg_catalog.pg_db_role_setting SELECT %s, %s, %L', s.setdatabase
    , CASE s.setrole WHEN 0 THEN '0' ELSE format('(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %L)', pg_catalog.pg_get_userbyid(s.setrole)) END
    , s.setconfig)
  , format('DELETE FROM pg_catalog.pg_db_role_setting WHERE setdatabase = %s AND setrole = %s', s.setdatabase, s.setrole)
FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database b ON b.oid = s.setdatabase
WHERE b.datname IS NULL OR b.datname !~ '^rollproof'
UNION ALL
SELECT 'the comment on ' || o.what, format('COMMENT ON %s IS %L', o.sql, d.description), format('COMMENT ON %s IS NULL', o.sql)
FROM pg_catalog.pg_shdescription d JOIN objects o ON o.classoid = d.classoid AND o.objoid = d.objoid
UNION ALL
SELECT 'the security label of ' || l.provider || ' on ' || o.what
  , format('SECURITY LABEL FOR %I ON %s IS %L', l.provider, o.sql, l.label)
  , format('SECURITY LABEL FOR %I ON %s IS NULL', l.provider, o.sql)
FROM pg_catalog.pg_shseclabel l JOIN objects o ON o.classoid = l.classoid AND o.objoid = l.objoid
UNION ALL -- since 15
SELECT 'privileges on the parameter ' || p.parname -- since 15
  , (SELECT string_agg(format('GRANT %s ON PARAMETER %s TO %s', a.privilege_type, p.parname -- since 15
      , CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END), '; ') || ' -- ' || p.paracl::text -- since 15
    FROM pg_catalog.aclexplode(p.paracl) a) -- since 15
  , (SELECT string_agg(DISTINCT format('REVOKE ALL ON PARAMETER %s FROM %s CASCADE', p.parname -- since 15
      , CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::pg_catalog.regrole::text END), '; ') -- since 15
    FROM pg_catalog.aclexplode(p.paracl) a) -- since 15
FROM pg_catalog.pg_parameter_acl p -- since 15
UNION ALL
SELECT 'the setting ' || f.name || ' of ALTER SYSTEM', format('ALTER SYSTEM SET %I = %L', f.name, f.setting) -- seeing settings
  , format('ALTER SYSTEM RESET %I', f.name) -- seeing settings
FROM pg_catalog.pg_file_settings f WHERE f.sourcefile ~ 'postgresql\.auto\.conf$' -- seeing settings
UNION ALL -- seeing settings
SELECT 'replication origin ' || o.roname, '', format('SELECT pg_catalog.pg_replication_origin_drop(%L)', o.roname)
FROM pg_catalog.pg_replication_origin o
