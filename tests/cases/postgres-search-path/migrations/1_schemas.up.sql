CREATE SCHEMA library;
SET search_path = library;
CREATE TABLE books (id integer PRIMARY KEY);
CREATE VIEW shelf AS SELECT id FROM books;
