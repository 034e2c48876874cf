-- Titles.
ALTER TABLE books ADD COLUMN title text;
ALTER TABLE books ADD COLUMN subtitle text;
