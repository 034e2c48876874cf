CREATE TABLE a (x int primary key);
