CREATE TABLE shelves (id integer);
SELECT pg_sleep(30);
