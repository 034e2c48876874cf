ALTER TABLE library.books DROP COLUMN title;
