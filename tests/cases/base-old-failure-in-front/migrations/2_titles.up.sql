ALTER TABLE book ADD COLUMN title text;
