-- since mysql 9.2
-- Libraries of code in another language.
SELECT 'library' AS kind
  , JSON_ARRAY(l.library_name) AS path
  , NULL AS identity
  , JSON_OBJECT('language', l.language, 'definition', l.library_definition, 'comment', NULLIF(l.library_comment, '')
    , 'definer', NULLIF(l.creator, CURRENT_USER()), 'sql_mode', l.sql_mode) AS attributes
FROM information_schema.libraries l
WHERE l.library_schema = :database
