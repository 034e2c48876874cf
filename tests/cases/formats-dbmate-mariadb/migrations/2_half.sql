-- migrate:up
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE TABLE books (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE shelves;
