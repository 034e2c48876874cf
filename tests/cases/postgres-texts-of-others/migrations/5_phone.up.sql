ALTER TABLE people ADD COLUMN phone text;
