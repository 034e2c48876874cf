-- migrate:up
CREATE TABLE books (id int);
-- migrate:down
DROP TABLE books;
