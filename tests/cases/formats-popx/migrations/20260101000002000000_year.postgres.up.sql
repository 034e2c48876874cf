ALTER TABLE books ADD COLUMN year integer, ADD COLUMN pages integer;
