CREATE TEMP TABLE kept AS SELECT title FROM books WHERE title <> upper(title);
TRUNCATE books;
INSERT INTO books TABLE kept;
