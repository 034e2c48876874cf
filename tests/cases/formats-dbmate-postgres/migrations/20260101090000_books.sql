-- migrate:up
CREATE TABLE books (id integer PRIMARY KEY, title text);

-- migrate:down
DROP TABLE books;
