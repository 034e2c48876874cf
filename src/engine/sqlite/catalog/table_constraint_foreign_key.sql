-- Reads foreign keys. SQLite gives them no name, only a number that changes with every other foreign key, so they are
-- named by their columns, their parent and the parent's columns, where the declaration names any. The same foreign
-- key declared twice gets '#2' in the order of declaration (foreign_key_list counts from the last to the first). The
-- pragma spells the parent as the foreign key does, so the table's own spelling is looked up, by table_list, since a
-- join without regard to case becomes a nested scan in older versions. Its "match" is always 'NONE', whatever was
-- declared, and deferrability is shown nowhere: both are in the table's CREATE text only.
SELECT
  'table constraint' AS kind,
  json_array(
    f.table_name,
    'foreign key (' || f.from_names || ') -> ' || f.parent
      || coalesce(' (' || f.to_names || ')', '') || iif(f.nth > 1, ' #' || f.nth, '')
  ) AS path,
  NULL AS identity,
  json_object(
    'type', 'foreign key',
    'columns', json(f.from_columns),
    'parent', f.parent,
    'parent_columns', json(CASE WHEN f.to_names IS NOT NULL THEN f.to_columns END),
    'on_update', lower(f.on_update),
    'on_delete', lower(f.on_delete)
  ) AS attributes
FROM (
  SELECT
    g.*,
    row_number() OVER (
      PARTITION BY g.table_name, lower(g.from_names), lower(g.parent), lower(g.to_names) ORDER BY g.id DESC
    ) AS nth
  FROM (
    SELECT
      o.table_name, o.id, max(o.parent) AS parent, o.on_update, o.on_delete,
      group_concat(o.from_name, ', ') AS from_names,
      json_group_array(o.from_name) AS from_columns,
      group_concat(o.to_name, ', ') AS to_names,
      json_group_array(o.to_name) AS to_columns
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
  ) AS g
) AS f
