ALTER TABLE titles ADD COLUMN year integer;
