SET search_path TO library, public;
DROP VIEW shelf;
DROP TABLE books;
DROP SCHEMA library;
