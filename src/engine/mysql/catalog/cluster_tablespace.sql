-- only mysql
-- General tablespaces of InnoDB. Those of single tables, of the system and of temporary tables are the server's own.
-- Left out: how much is in it, and numbers that a rebuild changes.
SELECT 'tablespace' AS kind
  , JSON_ARRAY(t.name) AS path
  , NULL AS identity
  , JSON_OBJECT('row_format', t.row_format, 'block_size', NULLIF(t.fs_block_size, 0), 'autoextend_size', NULLIF(t.autoextend_size, 0)
    , 'encryption', NULLIF(t.encryption, 'N')) AS attributes
FROM information_schema.innodb_tablespaces t
WHERE t.space_type = 'General' AND t.name <> 'mysql'
