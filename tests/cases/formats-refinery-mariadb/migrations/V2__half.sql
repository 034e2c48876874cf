ALTER TABLE books ADD COLUMN year integer;
ALTER TABLE nowhere ADD COLUMN year integer;
