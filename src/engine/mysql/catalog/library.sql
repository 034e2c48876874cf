-- since mysql 9.2
-- Libraries of code in another language.
SELECT 'library' AS kind
  , JSON_ARRAY(library_name) AS path
  , NULL AS identity
  , JSON_OBJECT('language', language, 'definition', library_definition, 'comment', NULLIF(library_comment, '')
    , 'definer', NULLIF(creator, CURRENT_USER()), 'sql_mode', sql_mode) AS attributes
FROM information_schema.libraries
WHERE library_schema = :database
