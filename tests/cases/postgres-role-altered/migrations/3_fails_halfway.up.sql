ALTER ROLE app SET work_mem = '6MB';
ALTER ROLE app SUPERUSER;
COMMENT ON ROLE reader IS 'left';
ALTER ROLE reader RENAME TO watcher;
CREATE DATABASE left_behind;
SELECT 1 / 0;
