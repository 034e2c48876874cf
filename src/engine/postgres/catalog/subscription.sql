-- born in: pg_subscription
-- changes with: pg_description
-- Subscriptions of this database. Only a superuser may read the connection string, so it is read by a query inside a
-- function, which runs only where it is allowed, and only as a checksum, since it may hold a password. Before version 14
-- others may not even read the oid. Two-phase "pending" becomes "enabled" by itself: both are true here.
-- extension members: ALTER EXTENSION ADD knows no subscriptions, so none can occur.
SELECT 'subscription' AS kind
  , json_build_array(s.subname)::text AS path
  , s.oid::text AS identity -- since 14
  , s.subname::text AS identity -- until 13
  , json_strip_nulls(json_build_object(
    'owner', pg_get_userbyid(s.subowner)
    , 'comment', (SELECT d.description FROM pg_description d -- since 14
      WHERE d.classoid = 'pg_subscription'::regclass AND d.objoid = s.oid AND d.objsubid = 0) -- since 14
    , 'enabled', s.subenabled
    , 'slot_name', s.subslotname
    , 'publications', CASE WHEN s.subpublications IS NOT NULL THEN (SELECT json_agg(o ORDER BY o COLLATE "C") FROM unnest(s.subpublications) o) END
    , 'connection', CASE WHEN has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') THEN
      'checksum ' || substring(query_to_xml(format('SELECT left(encode(sha256(convert_to(subconninfo, ''UTF8'')), ''hex''), 8) AS m FROM pg_catalog.pg_subscription
        WHERE subdbid = %s AND subname = %L', s.subdbid, s.subname), true, false, '')::text from '<m>([0-9a-f]+)</m>') END
    , 'synchronous_commit', s.subsynccommit -- since 14
    , 'binary', s.subbinary -- since 14
    , 'streaming', s.substream -- since 14
    , 'two_phase', s.subtwophasestate <> 'd' -- since 15
    , 'disable_on_error', s.subdisableonerr -- since 15
    , 'password_required', s.subpasswordrequired -- since 16
    , 'run_as_owner', s.subrunasowner -- since 16
    , 'origin', s.suborigin -- since 16
    , 'failover', s.subfailover -- since 17
  ))::text AS attributes
FROM pg_subscription s
WHERE s.subdbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
