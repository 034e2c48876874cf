CREATE TABLE shelves (id integer PRIMARY KEY);
SELECT 1 / 0;
