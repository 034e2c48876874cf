ALTER TABLE books ADD COLUMN year integer;
