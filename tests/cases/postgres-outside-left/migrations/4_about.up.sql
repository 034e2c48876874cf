ALTER DATABASE other_db SET work_mem = '1MB'; COMMENT ON DATABASE postgres IS 'ours'; CREATE TABLE a (b int);
