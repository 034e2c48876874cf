ALTER TABLE books ADD COLUMN pages numeric(6,1);
