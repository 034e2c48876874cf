-- +goose Up
CREATE TABLE books (id integer PRIMARY KEY);
-- +goose Down
DROP TABLE books;
