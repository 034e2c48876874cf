ALTER TABLE books ADD COLUMN pages integer;
ALTER TABLE nowhere ADD COLUMN year integer;
