-- Reads the pragmas that a migration can set and that the file keeps: user_version, application_id and the encoding. Each
-- is an object of its own, so that a project whose tool keeps its version in user_version can name just that one as
-- bookkeeping. The journal mode, page_size and auto_vacuum are left out on purpose: they say how the file is stored, and
-- a VACUUM or another connection can change them without touching the schema.
SELECT
  'pragma' AS kind,
  json_array(p.name) AS path,
  NULL AS identity,
  json_object('value', p.value) AS attributes
FROM (
  SELECT 'user_version' AS name, user_version AS value FROM pragma_user_version
  UNION ALL
  SELECT 'application_id', application_id FROM pragma_application_id
  UNION ALL
  SELECT 'encoding', encoding FROM pragma_encoding
) AS p
