ALTER TABLE books DROP COLUMN title;
UPDATE books SET author = NULL;
UPDATE books SET author = 1;
DELETE FROM books;
