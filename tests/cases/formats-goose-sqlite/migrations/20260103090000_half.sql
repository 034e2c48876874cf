-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE rooms (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);

-- +goose Down
DROP TABLE rooms;
