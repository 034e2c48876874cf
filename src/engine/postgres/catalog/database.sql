-- born in: pg_database
-- changes with: pg_db_role_setting pg_shdescription pg_shseclabel
-- What ALTER DATABASE can change of the database that we are in. Names of databases are random here, so the path is fixed.
-- Settings of a role in this database are here as well; its settings everywhere are the role's (cluster_role.sql).
-- The version of the collation is a property of the machine and not read. Encoding, locale and provider are given when the
-- database is made, which no migration does to the one that it runs in; dathasloginevt only says that there are such triggers.
-- extension members: a database is a shared object and no extension can own it.
SELECT 'database' AS kind
  , '["current"]' AS path
  , b.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(b.datdba)
    , 'privileges', CASE WHEN b.datacl IS NOT NULL AND NOT (b.datacl @> acldefault('d', b.datdba) AND b.datacl <@ acldefault('d', b.datdba))
      THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(b.datacl) i) END
    , 'comment', d.description
    , 'security_labels', (SELECT json_object_agg(l.provider, l.label ORDER BY l.provider) FROM pg_shseclabel l
      WHERE l.classoid = 'pg_database'::regclass AND l.objoid = b.oid)
    , 'connection_limit', nullif(b.datconnlimit, -1)
    , 'allow_connections', nullif(b.datallowconn, true)
    , 'is_template', nullif(b.datistemplate, false)
    , 'tablespace', nullif(s.spcname, 'pg_default')
    , 'settings', (SELECT json_object_agg(r.name, r.settings ORDER BY r.name) FROM (
      SELECT CASE q.setrole WHEN 0 THEN '*' ELSE pg_get_userbyid(q.setrole)::text END
        , CASE WHEN q.setconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(q.setconfig) o) END
      FROM pg_db_role_setting q WHERE q.setdatabase = b.oid) r (name, settings))
  ))::text AS attributes
FROM pg_database b
JOIN pg_tablespace s ON s.oid = b.dattablespace
LEFT JOIN pg_shdescription d ON d.classoid = 'pg_database'::regclass AND d.objoid = b.oid
WHERE b.datname = current_database()
