ALTER TABLE books ADD COLUMN shelf integer;
ALTER TABLE nowhere ADD COLUMN shelf integer;
