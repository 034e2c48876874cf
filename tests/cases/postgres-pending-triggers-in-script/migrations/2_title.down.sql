ALTER TABLE authors DROP COLUMN name;
UPDATE books SET author = NULL;
UPDATE books SET author = 1;
ALTER TABLE books DROP COLUMN title;
DELETE FROM books;
