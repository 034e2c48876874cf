CREATE TABLE other_db.t (a int PRIMARY KEY);
CREATE VIEW other_db.v AS SELECT a FROM other_db.t;
CREATE PROCEDURE other_db.p() SELECT 1;
CREATE DATABASE second_db;
SET GLOBAL max_connections = 77;
SET GLOBAL init_connect = 'SET @a = 1';
