ALTER TABLE books ADD COLUMN pages text;
