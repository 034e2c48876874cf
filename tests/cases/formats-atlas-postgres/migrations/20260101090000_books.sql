-- create "books" table
CREATE TABLE books (id integer PRIMARY KEY, title text);
CREATE FUNCTION books_count() RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
  SELECT count(*) FROM books;
END;
