-- +goose Up
CREATE TABLE books (id integer PRIMARY KEY, title text);
-- +goose Down
DROP TABLE books;
