-- born in: pg_database
-- changes with: pg_db_role_setting pg_shdescription pg_shseclabel
-- The other databases of the server, but those of Rollproof. What is in them cannot be seen from here. Those of initdb are told
-- where something was done to them: encoding and locale are given with them, and its comments and privileges are its own.
-- Where and by whom locales are kept differs between versions.
-- extension members: a database is a shared object and no extension can own it.
SELECT 'other-database' AS kind
  , json_build_array(o.name)::text AS path
  , o.oid::text AS identity
  , o.attributes::text
FROM (
  SELECT b.oid, b.datname::text AS name
    , b.oid < 16384 AS of_initdb
    , json_strip_nulls(json_build_object(
      'owner', CASE WHEN b.oid >= 16384 OR b.datdba <> 10 THEN pg_get_userbyid(b.datdba) END
      , 'privileges', CASE WHEN b.datacl IS NOT NULL AND NOT (b.datacl @> acldefault('d', b.datdba) AND b.datacl <@ acldefault('d', b.datdba))
          AND NOT (b.oid < 16384 AND b.datacl::text = format('{=c/%1$I,%1$I=CTc/%1$I}', pg_get_userbyid(b.datdba)))
        THEN (SELECT coalesce(json_agg(i::text ORDER BY i::text COLLATE "C"), '[]') FROM unnest(b.datacl) i) END
      , 'comment', CASE WHEN b.oid < 16384 AND d.description IN ('unmodifiable empty database'
        , 'default template for new databases', 'default administrative connection database') THEN NULL ELSE d.description END
      , 'security_labels', (SELECT json_object_agg(l.provider, l.label ORDER BY l.provider) FROM pg_shseclabel l
        WHERE l.classoid = 'pg_database'::regclass AND l.objoid = b.oid)
      , 'connection_limit', nullif(b.datconnlimit, -1)
      , 'allow_connections', nullif(b.datallowconn, b.oid >= 16384 OR b.datname <> 'template0')
      , 'is_template', nullif(b.datistemplate, b.oid < 16384 AND b.datname ~ '^template[01]$')
      , 'tablespace', nullif(s.spcname, 'pg_default')
      , 'encoding', CASE WHEN b.oid >= 16384 THEN pg_encoding_to_char(b.encoding) END
      , 'collation', CASE WHEN b.oid >= 16384 THEN b.datcollate::text END
      , 'character_type', CASE WHEN b.oid >= 16384 THEN b.datctype::text END
      , 'provider', CASE WHEN b.oid >= 16384 THEN to_jsonb(b) ->> 'datlocprovider' END
      , 'locale', CASE WHEN b.oid >= 16384 THEN coalesce(to_jsonb(b) ->> 'datlocale', to_jsonb(b) ->> 'daticulocale') END
      , 'rules', CASE WHEN b.oid >= 16384 THEN to_jsonb(b) ->> 'daticurules' END
      , 'settings', (SELECT json_object_agg(r.name, r.settings ORDER BY r.name) FROM (
        SELECT CASE q.setrole WHEN 0 THEN '*' ELSE pg_get_userbyid(q.setrole)::text END
          , CASE WHEN q.setconfig IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(q.setconfig) o) END
        FROM pg_db_role_setting q WHERE q.setdatabase = b.oid) r (name, settings))
    )) AS attributes
  FROM pg_database b
  JOIN pg_tablespace s ON s.oid = b.dattablespace
  LEFT JOIN pg_shdescription d ON d.classoid = 'pg_database'::regclass AND d.objoid = b.oid
  WHERE b.datname <> current_database() AND b.datname !~ '^rollproof'
) o
WHERE NOT o.of_initdb OR o.attributes::text <> '{}'
