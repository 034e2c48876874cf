-- +goose Up
ALTER TABLE books ADD COLUMN year integer;
-- +goose Down
ALTER TABLE books DROP COLUMN years;
