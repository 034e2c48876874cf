CREATE TABLE other_db.half (a int);
SET @@global.max_connections = 79;
DROP TABLE nowhere;
