UPDATE accounts SET name = 'z' WHERE name = 'a';
CREATE TABLE more (a int);
DROP TABLE nowhere;
