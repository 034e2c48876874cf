-- Reads the triggers of tables and views of the main database; timing, events, columns, condition and body are in the
-- CREATE text only. tbl_name is spelled as the trigger spelled it, so it is matched without regard to case and the
-- table's own spelling is used. No module makes triggers, so that one on a shadow table is somebody's own.
SELECT
  iif(o.type = 'view', 'view trigger', 'table trigger') AS kind,
  json_array(o.name, t.name) AS path,
  NULL AS identity,
  json_object('definition', t.sql) AS attributes
FROM (SELECT name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'trigger') AS t
JOIN (
  SELECT name, type FROM pragma_table_list WHERE schema = 'main'
) AS o ON o.name = t.tbl_name COLLATE NOCASE
