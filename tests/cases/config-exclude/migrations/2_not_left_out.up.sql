CREATE TABLE IF NOT EXISTS spatial_notes_2 (id integer PRIMARY KEY);
ALTER TABLE spatial_notes ADD COLUMN IF NOT EXISTS more text;
