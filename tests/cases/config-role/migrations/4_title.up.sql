ALTER TABLE library.books ADD COLUMN title text;
