-- Events. A time that is as old as the event, or a whole number of hours younger, is told as such: nobody wrote it down, the
-- server did when it ran CURRENT_TIMESTAMP or found no STARTS at all, and it would differ each time a migration runs.
-- CREATED and LAST_ALTERED stand in the session's time zone, the others in that of the event: CONVERT_TZ makes them one.
-- Left out: when it was made, altered and run; which server of a replication made it.
-- changes with: mysql.event
SELECT 'event' AS kind
  , JSON_ARRAY(e.event_name) AS path
  , NULL AS identity
  , JSON_OBJECT(
    'time_zone', e.time_zone
    , 'at', CASE WHEN MOD(TIMESTAMPDIFF(SECOND, e.altered, e.execute_at), 3600) = 0 AND TIMESTAMPDIFF(SECOND, e.altered, e.execute_at) >= 0
      THEN CONCAT(TIMESTAMPDIFF(HOUR, e.altered, e.execute_at), ' hours after it is made') ELSE e.execute_at END
    , 'every', CONCAT(e.interval_value, ' ', LOWER(e.interval_field))
    , 'starts', CASE WHEN e.starts BETWEEN e.made AND e.altered THEN NULL
      WHEN MOD(TIMESTAMPDIFF(SECOND, e.altered, e.starts), 3600) = 0 AND TIMESTAMPDIFF(SECOND, e.altered, e.starts) >= 0
      THEN CONCAT(TIMESTAMPDIFF(HOUR, e.altered, e.starts), ' hours after it is made') ELSE e.starts END
    , 'ends', CASE WHEN MOD(TIMESTAMPDIFF(SECOND, e.altered, e.ends), 3600) = 0 AND TIMESTAMPDIFF(SECOND, e.altered, e.ends) >= 0
      THEN CONCAT(TIMESTAMPDIFF(HOUR, e.altered, e.ends), ' hours after it is made') ELSE e.ends END
    , 'on_completion', LOWER(e.on_completion)
    , 'status', LOWER(e.status)
    , 'definition', e.event_definition
    , 'definer', NULLIF(e.definer, CURRENT_USER())
    , 'comment', NULLIF(e.event_comment, '')
    , 'sql_mode', e.sql_mode
    , 'character_set_client', e.character_set_client
    , 'collation_connection', e.collation_connection
    , 'database_collation', e.database_collation
  ) AS attributes
FROM (
  SELECT o.*
    , COALESCE(CONVERT_TZ(o.created, @@session.time_zone, o.time_zone), o.created) AS made
    , COALESCE(CONVERT_TZ(o.last_altered, @@session.time_zone, o.time_zone), o.last_altered) AS altered
  FROM information_schema.events o
  WHERE o.event_schema = :database
) e
