-- +goose Up
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);
-- +goose Down
DROP TABLE shelves;
