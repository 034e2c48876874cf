CREATE TABLE books (id integer PRIMARY KEY);
ALTER TABLE books ADD COLUMN title text;
