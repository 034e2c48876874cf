ALTER TABLE members ADD COLUMN since integer;
