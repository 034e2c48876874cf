-- born in: pg_collation
-- changes with: pg_description
-- Collations. The row is read as JSON, since the column of the locale had three names: collcollate, colliculocale from
-- version 15 and colllocale from version 17. The version of the provider is a property of the machine and not read.
-- One for another encoding than the database's can have the name of one for its own (pg_import_system_collations).
SELECT 'collation' AS kind
  , json_build_array(n.nspname, c.collname || CASE WHEN c.collencoding NOT IN (-1, e.encoding)
    THEN ' FOR ' || pg_encoding_to_char(c.collencoding) ELSE '' END)::text AS path
  , c.oid::text AS identity
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(c.collowner)
    , 'comment', (SELECT d.description FROM pg_description d
      WHERE d.classoid = 'pg_collation'::regclass AND d.objoid = c.oid AND d.objsubid = 0)
    , 'provider', CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default' ELSE 'libc' END
    , 'deterministic', c.collisdeterministic
    , 'locale', coalesce(to_json(c) ->> 'colllocale', to_json(c) ->> 'colliculocale')
    , 'lc_collate', c.collcollate
    , 'lc_ctype', c.collctype
    , 'rules', to_json(c) ->> 'collicurules'
    , 'encoding', CASE WHEN c.collencoding >= 0 THEN pg_encoding_to_char(c.collencoding) END
  ))::text AS attributes
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
JOIN pg_database e ON e.datname = current_database()
WHERE c.oid >= 16384
  AND n.nspname !~ '^pg_(temp_|toast)'
  AND c.oid NOT IN (SELECT e.objid FROM pg_depend e
    WHERE e.refclassid = 'pg_extension'::regclass AND e.classid = 'pg_collation'::regclass AND e.deptype = 'e')
