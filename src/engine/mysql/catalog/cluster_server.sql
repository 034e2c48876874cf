-- Servers that federated tables name. The password is told as a checksum.
-- changes with: mysql.servers
SELECT 'server' AS kind
  , JSON_ARRAY(s.server_name) AS path
  , NULL AS identity
  , JSON_OBJECT('wrapper', s.wrapper, 'host', NULLIF(s.host, ''), 'database', NULLIF(s.db, ''), 'user', NULLIF(s.username, '')
    , 'password_checksum', LEFT(SHA2(NULLIF(s.password, ''), 256), 16), 'port', NULLIF(s.port, 0), 'socket', NULLIF(s.socket, '')
    , 'owner', NULLIF(s.owner, '')) AS attributes
FROM mysql.servers s
