-- migrate:up
ALTER TABLE books ADD COLUMN year integer;

-- migrate:down
COMMENT ON TABLE books IS 'gone soon';
ALTER TABLE books DROP COLUMN years;
