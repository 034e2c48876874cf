-- +goose Up
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE rooms (id integer PRIMARY KEY)
-- +goose Down
DROP TABLE shelves;
