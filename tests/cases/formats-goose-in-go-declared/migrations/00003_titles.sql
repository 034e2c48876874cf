-- +goose Up
ALTER TABLE books ADD COLUMN title text;
-- +goose Down
ALTER TABLE books DROP COLUMN title;
