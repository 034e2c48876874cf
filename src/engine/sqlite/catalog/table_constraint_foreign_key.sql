-- Reads foreign keys. SQLite gives them no name, only a number, which counts from the last that is declared to the first
-- and changes with every other foreign key; the name that is compared is made later, from their columns or from the
-- table's CREATE text. The pragma spells the parent as the foreign key does, so the table's own spelling is looked up, by
-- table_list, since a join without regard to case becomes a nested scan in older versions. Its "match" is always 'NONE',
-- whatever was declared, and deferrability is shown nowhere: both are in the table's CREATE text only.
SELECT
  'table constraint' AS kind,
  json_array(o.table_name, o.id) AS path,
  NULL AS identity,
  json_object(
    'type', 'foreign key',
    'columns', json(json_group_array(o.from_name)),
    'parent', max(o.parent),
    'parent_columns', json(iif(count(o.to_name), json_group_array(o.to_name), NULL)),
    'on_update', lower(o.on_update),
    'on_delete', lower(o.on_delete)
  ) AS attributes
FROM (
  SELECT
    l.name AS table_name, k.id, k.on_update, k.on_delete,
    k."from" AS from_name, k."to" AS to_name,
    CASE WHEN k.seq = 0 THEN coalesce(
      (SELECT t.name FROM pragma_table_list(k."table") AS t WHERE t.schema = 'main'), k."table"
    ) END AS parent
  FROM pragma_table_list AS l
  CROSS JOIN pragma_foreign_key_list(l.name, 'main') AS k
  WHERE l.schema = 'main'
    AND l.type = 'table'
    AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  ORDER BY l.name, k.id, k.seq
) AS o
GROUP BY o.table_name, o.id
