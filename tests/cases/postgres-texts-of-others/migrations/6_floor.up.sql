ALTER TABLE people ADD COLUMN floor integer;
