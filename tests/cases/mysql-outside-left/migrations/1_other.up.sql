CREATE DATABASE other_db;
CREATE TABLE other_db.kept (a int);
