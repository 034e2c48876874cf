-- migrate:up
ALTER TABLE books ADD COLUMN title text, ADD COLUMN year integer;

-- migrate:down
ALTER TABLE books DROP COLUMN year;
