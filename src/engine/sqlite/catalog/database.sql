-- Reads the pragmas that a migration can set and that the file keeps: user_version, application_id and the encoding.
-- The journal mode, page_size and auto_vacuum are left out on purpose: they say how the file is stored, and a VACUUM
-- or another connection can change them without touching the schema.
SELECT
  'database' AS kind,
  json_array('main') AS path,
  NULL AS identity,
  json_object(
    'user_version', v.user_version,
    'application_id', a.application_id,
    'encoding', e.encoding
  ) AS attributes
FROM pragma_user_version AS v
CROSS JOIN pragma_application_id AS a
CROSS JOIN pragma_encoding AS e
