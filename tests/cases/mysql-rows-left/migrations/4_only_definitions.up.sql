CREATE TABLE more (a int);
DROP TABLE nowhere;
