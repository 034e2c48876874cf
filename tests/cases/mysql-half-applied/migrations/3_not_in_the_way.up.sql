CREATE TABLE IF NOT EXISTS kept (id int);
DROP TABLE nowhere;
