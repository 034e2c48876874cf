-- migrate:up
CREATE TABLE books (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE books;
