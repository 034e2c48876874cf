CREATE TABLE base (id int PRIMARY KEY, v varchar(20));
