-- migrate:up
SET foreign_key_checks = 0;
CREATE TABLE books (id int PRIMARY KEY, shelf int, FOREIGN KEY (shelf) REFERENCES shelves (id));
-- migrate:down
DROP TABLE books;
