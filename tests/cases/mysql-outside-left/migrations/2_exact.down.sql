SET GLOBAL init_connect = '';
SET GLOBAL max_connections = DEFAULT;
DROP DATABASE second_db;
DROP PROCEDURE other_db.p;
DROP VIEW other_db.v;
DROP TABLE other_db.t;
