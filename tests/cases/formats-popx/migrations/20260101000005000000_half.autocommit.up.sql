ALTER TABLE books ADD COLUMN cover integer;
ALTER TABLE nowhere ADD COLUMN cover integer;
