CREATE TABLE books (id integer PRIMARY KEY);
\echo made
