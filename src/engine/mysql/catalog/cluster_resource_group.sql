-- only mysql
-- Resource groups, without the two that every server has.
SELECT 'resource-group' AS kind
  , JSON_ARRAY(g.resource_group_name) AS path
  , NULL AS identity
  , JSON_OBJECT('type', LOWER(g.resource_group_type), 'enabled', g.resource_group_enabled, 'cpus', CONVERT(g.vcpu_ids USING utf8mb4)
    , 'priority', g.thread_priority) AS attributes
FROM information_schema.resource_groups g
WHERE g.resource_group_name NOT IN ('USR_default', 'SYS_default')
