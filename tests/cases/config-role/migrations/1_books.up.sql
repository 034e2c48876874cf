CREATE SCHEMA library;
CREATE TABLE library.books (id integer PRIMARY KEY);
GRANT USAGE ON SCHEMA library TO reader;
