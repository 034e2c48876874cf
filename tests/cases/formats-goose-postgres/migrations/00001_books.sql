-- +goose Up
CREATE TABLE books (id integer PRIMARY KEY, title text);
INSERT INTO books
  (id, title) -- one row;
VALUES (1, 'a;b');

-- +goose Down
DROP TABLE books;
