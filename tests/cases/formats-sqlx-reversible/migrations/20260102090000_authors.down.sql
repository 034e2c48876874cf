ALTER TABLE books DROP COLUMN author;
DROP TABLE authors;
