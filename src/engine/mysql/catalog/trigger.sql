-- Triggers. Their order is told by the one that comes before: so a trigger that comes or goes concerns its neighbour at most.
-- Left out: when a trigger was made, and the columns that hold the same word for every trigger.
-- changes with: triggers
SELECT 'table trigger' AS kind
  , JSON_ARRAY(t.event_object_table, t.trigger_name) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'timing', LOWER(t.action_timing)
    , 'event', LOWER(t.event_manipulation)
    , 'follows', LAG(t.trigger_name) OVER (PARTITION BY t.event_object_table, t.event_manipulation, t.action_timing ORDER BY t.action_order)
    , 'definition', t.action_statement
    , 'definer', NULLIF(t.definer, CURRENT_USER())
    , 'sql_mode', t.sql_mode
    , 'character_set_client', t.character_set_client
    , 'collation_connection', t.collation_connection
    , 'database_collation', t.database_collation
  ) AS attributes
FROM information_schema.triggers t
WHERE t.trigger_schema = :database
