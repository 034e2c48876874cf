-- Users and roles, which outlive the database, with what they may do everywhere, their roles and those they may stand for.
-- What they may do in this database is told there. A password is salted or may be: only whether there is one is told.
-- Left out: when a password was changed; that MariaDB gives each role to whoever makes it, who is this run's own user here.
-- MariaDB lists what users may do and not what roles may: of these a mask tells, bit by bit; what has no name yet is told as it is.
-- changes with: mysql.global_priv mysql.roles_mapping mysql.proxies_priv memory
SELECT CASE WHEN FALSE THEN 'role'
  WHEN JSON_VALUE(u.priv, '$.is_role') THEN 'role' -- only mariadb
  ELSE 'user' END AS kind
  , JSON_ARRAY(CONCAT(u.user, IF(u.host = '', '', CONCAT('@', u.host)))) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'privileges', JSON_EXTRACT(CONCAT('[', g.list, ']'), '$') -- only mysql
    'privileges', JSON_EXTRACT(CONCAT('[', COALESCE(g.list, CONCAT('"', REPLACE(NULLIF(MAKE_SET(IF(JSON_VALUE(u.priv, '$.is_role'), JSON_VALUE(u.priv, '$.access'), 0) -- only mariadb
      , 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'RELOAD', 'SHUTDOWN', 'PROCESS', 'FILE', 'GRANT OPTION', 'REFERENCES', 'INDEX' -- only mariadb
      , 'ALTER', 'SHOW DATABASES', 'SUPER', 'CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'REPLICATION SLAVE', 'BINLOG MONITOR' -- only mariadb
      , 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'CREATE USER', 'EVENT', 'TRIGGER', 'CREATE TABLESPACE', 'DELETE HISTORY' -- only mariadb
      , 'SET USER', 'FEDERATED ADMIN', 'CONNECTION ADMIN', 'READ_ONLY ADMIN', 'REPLICATION SLAVE ADMIN', 'REPLICATION MASTER ADMIN' -- only mariadb
      , 'BINLOG ADMIN', 'BINLOG REPLAY', 'SLAVE MONITOR', 'SHOW CREATE ROUTINE'), ''), ',', '","'), '"')), ']'), '$') -- only mariadb
    , 'privileges_mask', IF(JSON_VALUE(u.priv, '$.is_role'), NULLIF((JSON_VALUE(u.priv, '$.access') >> 40) << 40, 0), NULL) -- only mariadb
    , 'privileges_of_roles', JSON_EXTRACT(CONCAT('[', r.list, ']'), '$')
    , 'privileges_of_proxy', JSON_EXTRACT(CONCAT('[', x.list, ']'), '$')
    , 'default_roles', JSON_EXTRACT(CONCAT('[', d.list, ']'), '$') -- only mysql
    , 'plugin', u.plugin -- only mysql
    , 'password', IF(u.authentication_string <> '', 'set', NULL) -- only mysql
    , 'password_expired', NULLIF(u.password_expired, 'N') -- only mysql
    , 'password_lifetime', u.password_lifetime -- only mysql
    , 'password_reuse_history', u.password_reuse_history -- only mysql
    , 'password_reuse_time', u.password_reuse_time -- only mysql
    , 'password_require_current', u.password_require_current -- only mysql
    , 'locked', NULLIF(u.account_locked, 'N') -- only mysql
    , 'ssl', NULLIF(u.ssl_type, '') -- only mysql
    , 'ssl_cipher', NULLIF(CONVERT(u.ssl_cipher USING utf8mb4), '') -- only mysql
    , 'ssl_issuer', NULLIF(CONVERT(u.x509_issuer USING utf8mb4), '') -- only mysql
    , 'ssl_subject', NULLIF(CONVERT(u.x509_subject USING utf8mb4), '') -- only mysql
    , 'max_questions', NULLIF(u.max_questions, 0) -- only mysql
    , 'max_updates', NULLIF(u.max_updates, 0) -- only mysql
    , 'max_connections', NULLIF(u.max_connections, 0) -- only mysql
    , 'max_user_connections', NULLIF(u.max_user_connections, 0) -- only mysql
    , 'comment', u.user_attributes ->> '$.metadata.comment' -- only mysql
    , 'attributes', NULLIF(NULLIF(JSON_REMOVE(u.user_attributes, '$.additional_password', '$.metadata.comment') -- only mysql
      , CAST('{"metadata": {}}' AS JSON)), CAST('{}' AS JSON)) -- only mysql
    , 'default_roles', NULLIF(JSON_VALUE(u.priv, '$.default_role'), '') -- only mariadb
    , 'plugin', JSON_VALUE(u.priv, '$.plugin') -- only mariadb
    , 'other_plugins', (JSON_LENGTH(u.priv, '$.auth_or')) -- only mariadb
    , 'password', IF(JSON_VALUE(u.priv, '$.authentication_string') <> '', 'set', NULL) -- only mariadb
    , 'password_expired', IF(JSON_VALUE(u.priv, '$.password_last_changed') = 0, 'Y', NULL) -- only mariadb
    , 'password_lifetime', JSON_VALUE(u.priv, '$.password_lifetime') -- only mariadb
    , 'locked', IF(JSON_VALUE(u.priv, '$.account_locked'), 'Y', NULL) -- only mariadb
    , 'ssl', CASE JSON_VALUE(u.priv, '$.ssl_type') WHEN 1 THEN 'ANY' WHEN 2 THEN 'X509' WHEN 3 THEN 'SPECIFIED' END -- only mariadb
    , 'ssl_cipher', NULLIF(JSON_VALUE(u.priv, '$.ssl_cipher'), '') -- only mariadb
    , 'ssl_issuer', NULLIF(JSON_VALUE(u.priv, '$.x509_issuer'), '') -- only mariadb
    , 'ssl_subject', NULLIF(JSON_VALUE(u.priv, '$.x509_subject'), '') -- only mariadb
    , 'max_questions', NULLIF(JSON_VALUE(u.priv, '$.max_questions'), '0') -- only mariadb
    , 'max_updates', NULLIF(JSON_VALUE(u.priv, '$.max_updates'), '0') -- only mariadb
    , 'max_connections', NULLIF(JSON_VALUE(u.priv, '$.max_connections'), '0') -- only mariadb
    , 'max_user_connections', NULLIF(JSON_VALUE(u.priv, '$.max_user_connections'), '0') -- only mariadb
    , 'max_statement_time', NULLIF(JSON_VALUE(u.priv, '$.max_statement_time'), '0') -- only mariadb
  ) AS attributes
FROM mysql.user u -- only mysql
FROM mysql.global_priv u -- only mariadb
LEFT JOIN (
  SELECT grantee, GROUP_CONCAT(JSON_QUOTE(CONCAT(privilege_type, IF(is_grantable = 'YES', ' WITH GRANT OPTION', ''))) ORDER BY privilege_type SEPARATOR ',') AS list
  FROM information_schema.user_privileges WHERE privilege_type <> 'USAGE' OR is_grantable = 'YES' GROUP BY grantee
) g ON g.grantee = CONCAT('''', CONVERT(u.user USING utf8mb3), '''@''', CONVERT(u.host USING utf8mb3), '''')
LEFT JOIN (
  SELECT to_user AS user, to_host AS host, GROUP_CONCAT(JSON_QUOTE(CONCAT(CONVERT(from_user USING utf8mb4), '@', CONVERT(from_host USING utf8mb4), IF(with_admin_option = 'Y', ' WITH ADMIN OPTION', ''))) ORDER BY from_user, from_host SEPARATOR ',') AS list -- only mysql
  FROM mysql.role_edges GROUP BY to_user, to_host -- only mysql
  SELECT user, host, GROUP_CONCAT(JSON_QUOTE(CONVERT(CONCAT(role, IF(admin_option = 'Y', ' WITH ADMIN OPTION', '')) USING utf8mb4)) ORDER BY role SEPARATOR ',') AS list -- only mariadb
  FROM mysql.roles_mapping WHERE NOT (admin_option = 'Y' AND CONCAT(user, '@', host) = CURRENT_USER()) GROUP BY user, host -- only mariadb
) r ON r.user = u.user AND r.host = u.host
LEFT JOIN (
  SELECT user, host, GROUP_CONCAT(JSON_QUOTE(CONCAT(CONVERT(proxied_user USING utf8mb4), '@', CONVERT(proxied_host USING utf8mb4), IF(with_grant, ' WITH GRANT OPTION', ''))) ORDER BY proxied_user, proxied_host SEPARATOR ',') AS list
  FROM mysql.proxies_priv GROUP BY user, host
) x ON x.user = u.user AND x.host = u.host
LEFT JOIN ( -- only mysql
  SELECT user, host, GROUP_CONCAT(JSON_QUOTE(CONCAT(CONVERT(default_role_user USING utf8mb4), '@', CONVERT(default_role_host USING utf8mb4))) ORDER BY default_role_user, default_role_host SEPARATOR ',') AS list -- only mysql
  FROM mysql.default_roles GROUP BY user, host -- only mysql
) d ON d.user = u.user AND d.host = u.host -- only mysql
