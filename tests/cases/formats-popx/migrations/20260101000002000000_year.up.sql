ALTER TABLE books ADD COLUMN year integer;
ALTER TABLE books ADD COLUMN pages integer;
