-- +goose Up
ALTER TABLE books ADD COLUMN title text;
-- +goose Down
SELECT 1;
