-- born in: pg_file_settings
-- What ALTER SYSTEM has set. The file is parsed only where something stands in it, since that takes as long as a small catalog.
-- ALTER SYSTEM runs in no transaction, so that everything is read behind it. Values that may be secret are told as checksums.
-- extension members: a line of a file is no object that an extension could own.
SELECT 'persisted-variable' AS kind
  , json_build_array(f.name)::text AS path
  , NULL::text AS identity
  , json_build_object('value', CASE WHEN f.name ~* 'passw|passphrase|secret|token|credential|_key$|conninfo|_command$'
      OR f.setting ~* 'passw|secret|://[^/]*@'
    THEN 'checksum ' || left(sha256(convert_to(f.setting, 'UTF8'))::text, 18) ELSE f.setting END)::text AS attributes
FROM pg_file_settings f
WHERE f.sourcefile ~ 'postgresql\.auto\.conf$'
  AND (SELECT position('\x3d'::bytea IN pg_read_binary_file('postgresql.auto.conf', 0, 1000000, true)) > 0)
  -- The last one of a name counts.
  AND f.seqno = (SELECT max(l.seqno) FROM pg_file_settings l WHERE l.name = f.name AND l.sourcefile = f.sourcefile)
