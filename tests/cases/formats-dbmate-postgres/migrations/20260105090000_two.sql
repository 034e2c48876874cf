-- migrate:up transaction:false
CREATE TABLE shelves (id integer PRIMARY KEY);
CREATE INDEX CONCURRENTLY books_again ON books (title);

-- migrate:down
DROP TABLE shelves;
