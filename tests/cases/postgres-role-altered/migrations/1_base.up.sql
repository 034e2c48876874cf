CREATE TABLE books (id integer); INSERT INTO books VALUES (1);
